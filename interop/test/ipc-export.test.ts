import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { untilSynced } from '../src/compare.ts'
import { startEthwire } from '../src/ethwire-process.ts'
import { startGeth } from '../src/geth.ts'
import { ethwireCliPath, gethPath, gethTestChain, sampleChain } from '../src/paths.ts'
import { temporaryDirectory } from '../src/resources.ts'
import type { Json, Rpc } from '../src/rpc.ts'

const run = promisify(execFile)

async function ethwire(...args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [ethwireCliPath, ...args], { timeout: 120_000 })).stdout
}

/** What `geth attach` prints of an expression, which has to be a string of JSON. */
async function attach(path: string, expression: string): Promise<Json> {
  const args = ['attach', '--datadir', temporaryDirectory('attach'), '--exec', `JSON.stringify(${expression})`, path]
  const { stdout } = await run(gethPath, args, { timeout: 60_000 })
  return JSON.parse(JSON.parse(stdout)) as Json
}

test('geth attach and our own commands work on our socket', async () => {
  const { genesis, chain, networkId } = sampleChain
  await using geth = await startGeth({ genesis, chain, networkId })
  await using node = await startEthwire({ genesis, networkId })
  const path = join(node.datadir, 'ethwire.ipc')
  expect(statSync(path).mode & 0o777).toBe(0o600)

  expect(await attach(path, 'admin.peers')).toEqual([])
  expect(await attach(path, `admin.addPeer("${geth.enode}")`)).toBe(true)
  await untilSynced(node, 1200, 60_000)
  expect(await attach(path, 'admin.peers')).toMatchObject([
    { id: geth.id, name: expect.stringMatching(/^Geth\//), network: { static: true, inbound: false } },
  ])
  expect(await attach(path, '[eth.blockNumber, net.peerCount, net.version]')).toEqual([1200, 1, String(networkId)])
  expect(await attach(path, 'admin.nodeInfo')).toMatchObject({ id: node.id, enode: node.enode })
  expect(await attach(path, 'eth.getBlock(700).hash')).toBe(
    (await geth.rpc<{ hash: string }>('eth_getBlockByNumber', '0x2bc', false)).hash,
  )

  const table = await ethwire('peers', '--datadir', node.datadir)
  for (const part of [geth.id.slice(0, 16), 'Geth/', 'outbound static', '1 peer']) expect(table).toContain(part)
  await ethwire('remove-peer', geth.enode, '--datadir', node.datadir)
  await expect.poll(() => ethwire('peers', '--datadir', node.datadir, '--json'), { timeout: 20_000 }).toBe('[]\n')
  await node.stop()
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
})

for (const [name, source, head] of [
  ['the sample chain', () => sampleChain, 1200],
  ["geth's test chain, with the blocks of Amsterdam", gethTestChain, 600],
] as const) {
  test(`${name}: what we have synced and exported is imported by geth and by us, to the same head`, async () => {
    const { genesis, chain, networkId } = source()
    const { datadir, expected } = await synced({ genesis, chain, networkId }, head)
    const file = join(temporaryDirectory('export'), 'chain.rlp.gz')
    await ethwire('export', '--datadir', datadir, '--genesis', genesis, file)

    await using geth = await startGeth({ genesis, chain: file, networkId })
    const again = temporaryDirectory('node')
    await ethwire('import', '--datadir', again, '--genesis', genesis, file)
    await using node = await startEthwire({ genesis, networkId, datadir: again })
    expect(expected.number).toBe(head)
    expect(await headOf(geth.rpc)).toEqual(expected)
    expect(await headOf(node.rpc)).toEqual(expected)
    await node.stop()
  })
}

interface Head {
  number: number
  hash: string
}

async function headOf(rpc: Rpc): Promise<Head> {
  const { number, hash } = await rpc<{ number: string; hash: string }>('eth_getBlockByNumber', 'latest', false)
  return { number: Number(number), hash }
}

/** The data directory of a node of ours, which has synced a chain from a geth and was stopped, and the geth's head. */
async function synced(
  source: { genesis: string; chain: string; networkId: number },
  head: number,
): Promise<{ datadir: string; expected: Head }> {
  const { genesis, networkId } = source
  await using geth = await startGeth(source)
  await using node = await startEthwire({ genesis, networkId, staticnodes: [geth.enode] })
  await untilSynced(node, head, 60_000)
  await node.stop()
  return { datadir: node.datadir, expected: await headOf(geth.rpc) }
}
