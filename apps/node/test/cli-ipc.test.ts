import { existsSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CliProcess, runCli, startCli } from './cli-process.ts'
import { connectRaw } from './ipc-support.ts'
import { callText } from './rpc-support.ts'
import { sampleFile, sampleGenesis, temporaryDirectory } from './support.ts'

const network = ['--genesis', sampleGenesis]
const quiet = ['--addr', '127.0.0.1', '--port', '0', ...network]
const socketOpened = 'IPC socket opened'

async function startNode(datadir: string, ...args: string[]): Promise<CliProcess> {
  const node = startCli('run', ...quiet, '--datadir', datadir, ...args)
  await node.said(socketOpened)
  return node
}

/** The last `name` of the node's log. */
function logged(node: CliProcess, name: string): string {
  return new RegExp(`"${name}":"([^"]+)"`).exec(node.output())?.[1] ?? ''
}

describe('a running node', () => {
  test('case 84: by default serves a socket of mode 0600 alone, and over HTTP this machine without admin', async () => {
    const datadir = await temporaryDirectory()
    const node = await startNode(datadir, '--http', '--http.port', '0')
    const path = join(datadir, 'ethwire.ipc')
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    const url = logged(node, 'url')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { socket, answer } = await connectRaw(path)
    for (const [method, overHttp] of [
      ['admin_nodeInfo', false],
      ['admin_peers', false],
      ['eth_blockNumber', true],
      ['net_version', true],
      ['web3_clientVersion', true],
    ] as const) {
      socket.write(callText(method))
      expect(await answer(), method).toHaveProperty('result')
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: callText(method),
      })
      expect(await response.json(), method).toHaveProperty(overHttp ? 'result' : 'error')
    }
    node.child.kill('SIGTERM')
    expect((await node.ended).code).toBe(0)
    const without = startCli('run', ...quiet, '--datadir', datadir, '--ipcdisable')
    await without.said('Started P2P networking')
    without.child.kill('SIGTERM')
    const { output } = await without.ended
    expect(output).not.toContain(socketOpened)
    expect(output).not.toContain('HTTP server started')
  })

  test('removes its socket at the end, and replaces one of a node that was killed', async () => {
    const datadir = await temporaryDirectory()
    const path = join(datadir, 'ethwire.ipc')
    const first = await startNode(datadir)
    first.child.kill('SIGKILL')
    await first.ended
    expect(existsSync(path)).toBe(true)
    const second = await startNode(datadir)
    expect((await runCli('peers', '--datadir', datadir)).output).toBe('No peers.\n')
    const other = await temporaryDirectory()
    const refused = await runCli('run', ...quiet, '--datadir', other, '--ipcpath', path)
    expect(refused.code).toBe(1)
    expect(refused.output).toContain(`cannot serve JSON-RPC on ${path}: another process listens there`)
    second.child.kill('SIGINT')
    expect((await second.ended).code).toBe(0)
    expect((await readdir(datadir)).filter((name) => !['ethwire', 'nodekey', 'nodes'].includes(name))).toEqual([])
  })

  test('has no socket when it keeps nothing, unless one is named', async () => {
    const path = join(await temporaryDirectory(), 'named.ipc')
    const node = await startNode('memory', '--ipcpath', path)
    expect((await runCli('peers', '--datadir', 'memory', '--ipcpath', path, '--json')).output).toBe('[]\n')
    expect(await runCli('peers', '--datadir', 'memory')).toMatchObject({
      code: 2,
      output: expect.stringContaining('--ipcpath PATH'),
    })
    node.child.kill('SIGTERM')
    expect((await node.ended).output.split(socketOpened)).toHaveLength(2)
  })

  test('connects to and parts with the nodes that it is told', async () => {
    const [here, there] = [await temporaryDirectory(), await temporaryDirectory()]
    const [node, other] = [await startNode(here), await startNode(there)]
    const enode = logged(other, 'enode')
    expect((await runCli('add-peer', enode, '--datadir', here)).code).toBe(0)
    const listed = async (): Promise<string> => (await runCli('peers', '--datadir', here)).output
    await expect.poll(listed, { timeout: 20_000 }).toContain('1 peer\n')
    expect(await listed()).toMatch(/outbound static/)
    // Programs read it here.
    expect(await listed()).not.toContain('\u001b')
    const [peer] = JSON.parse((await runCli('peers', '--datadir', there, '--json')).output) as [{ name: string }]
    expect(peer.name).toMatch(/^ethwire\//)
    expect((await runCli('remove-peer', enode, '--datadir', here)).code).toBe(0)
    await expect.poll(listed, { timeout: 20_000 }).toBe('No peers.\n')
    const wrong = await runCli('add-peer', 'enode://12@1.2.3.4:5', '--datadir', here)
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('invalid enode') })
    expect(node.output()).not.toContain('internal error')
  })

  test('is missed in one line by who wants to talk to it', async () => {
    const datadir = await temporaryDirectory()
    for (const args of [['peers'], ['add-peer', 'enode://a'], ['remove-peer', 'enode://a']]) {
      const { code, output } = await runCli(...args, '--datadir', datadir)
      expect(code).toBe(1)
      expect(output).toMatch(/^ethwire: no node listens on .*ethwire\.ipc; start one with "ethwire run".*\n$/)
    }
  })
})

describe('export', () => {
  test('writes the chain of a data directory, once', async () => {
    const datadir = await temporaryDirectory()
    const file = join(datadir, 'chain.rlp.gz')
    expect((await runCli('import', '--datadir', datadir, ...network, sampleFile)).code).toBe(0)
    const first = await runCli('export', '--datadir', datadir, ...network, file)
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('"blocks":1201') })
    const again = await runCli('export', '--datadir', datadir, ...network, file)
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('is there already') })
    const forced = await runCli('export', '--datadir', datadir, ...network, file, '1', '2', '--force')
    expect(forced).toMatchObject({ code: 0, output: expect.stringContaining('"blocks":2') })
    const beyond = await runCli('export', '--datadir', datadir, ...network, join(datadir, 'b'), '1201')
    expect(beyond).toMatchObject({ code: 2, output: expect.stringContaining('1200') })
    expect(await runCli('export', '--datadir', 'memory', ...network, file)).toMatchObject({ code: 2 })
    expect((await readdir(datadir)).filter((name) => name.includes('chain'))).toEqual(['chain.rlp.gz'])
  })
})
