import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { sampleFile, sampleGenesis, temporaryDirectory } from './support.ts'

const quiet = ['--addr', '127.0.0.1', '--port', '0', '--genesis', sampleGenesis]
const started = 'Started P2P networking'

describe('mistakes', () => {
  test('are told in one line, without a stack', async () => {
    for (const [args, code, said] of [
      [['run', '--sepolia', '--hoodi'], 2, 'ethwire: options --sepolia and --hoodi are mutually exclusive'],
      [['run', ...quiet, '--staticnodes', 'enode://12@1.2.3.4:5'], 2, 'ethwire: --staticnodes: '],
      [['run', '--genesis', '/nowhere/genesis.json'], 1, 'ethwire: cannot use the genesis /nowhere/genesis.json'],
      [['import', sampleFile, '--datadir', 'memory'], 2, 'ethwire: import needs a --datadir'],
      [['run', ...quiet, '--datadir', 'memory', '--nodekeyhex', '12'], 2, 'ethwire: --nodekeyhex: '],
    ] as const) {
      const outcome = await runCli(...args)
      expect(outcome.code).toBe(code)
      const lines = outcome.output
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{'))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(said)
    }
  })

  test('come with a stack for those who read debug lines', async () => {
    const { output } = await runCli('run', '--verbosity', '4', '--genesis', '/nowhere/genesis.json')
    expect(output).toContain('\n    at ')
  })

  test('case 65: a damaged node key ends the start', async () => {
    const datadir = await temporaryDirectory()
    await writeFile(join(datadir, 'nodekey'), 'nonsense')
    const { code, output } = await runCli('run', ...quiet, '--datadir', datadir)
    expect(code).toBe(1)
    expect(output).toContain(`ethwire: the node key in ${join(datadir, 'nodekey')} is damaged`)
  })
})

describe('a running node', () => {
  test('case 64: keeps a second process off its data directory, and ends cleanly on SIGTERM', async () => {
    const datadir = await temporaryDirectory()
    const first = startCli('run', ...quiet, '--datadir', datadir)
    await first.said(started)
    const second = await runCli('run', ...quiet, '--datadir', datadir)
    expect(second.code).toBe(1)
    expect(second.output).toContain('is in use by another process')
    first.child.kill('SIGTERM')
    expect((await first.ended).code).toBe(0)
    const third = startCli('run', ...quiet, '--datadir', datadir)
    await third.said(started)
    third.child.kill('SIGINT')
    expect((await third.ended).code).toBe(0)
  })

  test('says that a port is taken', async () => {
    const first = startCli('run', ...quiet, '--datadir', 'memory')
    await first.said(started)
    const port = /127\.0\.0\.1:(\d+)/.exec(first.output())?.[1] ?? ''
    const { code, output } = await runCli('run', ...quiet, '--datadir', 'memory', '--port', port)
    expect(code).toBe(1)
    expect(output).toMatch(/ethwire: .*\(TCP\): address already in use.*--port/)
    const other = await runCli('run', ...quiet, '--datadir', 'memory', '--bootnodes', '', '--discovery.port', port)
    expect(other.code).toBe(1)
    expect(other.output).toContain(`127.0.0.1:${port} (UDP): address already in use; choose another --discovery.port`)
  })

  test('says on a public network that peers prove nothing, and why nothing is synced', async () => {
    const node = startCli('run', '--hoodi', '--addr', '127.0.0.1', '--port', '0', '--datadir', 'memory')
    await node.said(started)
    expect(node.output()).toContain("peers' word is not proof after the merge")
    node.child.kill('SIGTERM')
    expect((await node.ended).code).toBe(0)
  })
})
