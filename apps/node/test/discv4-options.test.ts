import { Command, CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { addDiscv4Commands, type Discv4Commands } from '../src/discv4-commands.ts'
import type { CrawlOptions, Discv4ToolOptions, ListenOptions } from '../src/options/discv4-options.ts'

interface Outcome {
  readonly called: { readonly command: string; readonly args: readonly unknown[] } | undefined
  readonly text: string
  readonly isMistake: boolean
}

/** What `ethwire discv4 ARGS` comes to, with nothing run. */
async function parse(...args: string[]): Promise<Outcome> {
  let called: Outcome['called']
  let text = ''
  const keep =
    (command: string) =>
    async (...given: unknown[]) => {
      called = { command, args: given }
      return 0
    }
  const names = ['ping', 'requestEnr', 'resolve', 'lookup', 'crawl', 'listen', 'explain'] as const
  const commands = Object.fromEntries(names.map((name) => [name, keep(name)])) as unknown as Discv4Commands
  const write = (chunk: string): void => {
    text += chunk
  }
  const program = new Command('ethwire').exitOverride().configureOutput({ writeOut: write, writeErr: write })
  addDiscv4Commands(program, commands, () => undefined)
  try {
    await program.parseAsync(['discv4', ...args], { from: 'user' })
    return { called, text, isMistake: false }
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { called, text, isMistake: error.exitCode !== 0 }
  }
}

async function options<T = Discv4ToolOptions>(...args: string[]): Promise<T> {
  const { called, text } = await parse(...args)
  expect(text).toBe('')
  return called?.args.at(-1) as T
}

const commandLines = [
  ['ping', 'enode://a'],
  ['requestenr', 'enode://a'],
  ['resolve', 'enode://a'],
  ['lookup'],
  ['crawl', 'nodes.json'],
  ['listen'],
] as const

test("the tools of discovery have geth's flags, and no bootnodes of their own", async () => {
  const key = 'ab'.repeat(32)
  for (const [command, ...args] of commandLines) {
    expect(await options(command, ...args)).toMatchObject({ verbosity: 3 })
    expect((await options(command, ...args)).bootnodes).toBeUndefined()
    const flags = ['--bootnodes', 'enode://b, enr:c', '--nodekey', key, '--nodedb', 'd', '--addr', '127.0.0.1:30303']
    expect(await options(command, ...args, ...flags, '--extaddr', '10.0.0.1:40', '--json')).toEqual({
      ...{ bootnodes: ['enode://b', 'enr:c'], nodekey: key, nodedb: 'd', addr: { ip: '127.0.0.1', port: 30303 } },
      ...{ extaddr: { ips: [expect.objectContaining({ text: '10.0.0.1' })], udpPort: 40 }, json: true, verbosity: 3 },
      ...(command === 'crawl' ? { timeout: 1_800_000, parallel: 16 } : {}),
    })
    expect((await options(command, ...args, '--bootnodes', '')).bootnodes).toEqual([])
    expect(await options(command, ...args, '--hoodi')).toMatchObject({ hoodi: true })
  }
})

test('a command that needs a node, a file or an ID says so', async () => {
  for (const command of ['ping', 'requestenr', 'resolve', 'crawl', 'explain']) {
    expect(await parse(command)).toMatchObject({ called: undefined, isMistake: true })
  }
  expect(await parse('pong')).toMatchObject({ isMistake: true, text: expect.stringContaining('Did you mean ping?') })
  expect((await parse('lookup', 'ab')).called).toMatchObject({ command: 'lookup', args: ['ab', {}] })
  expect((await parse('explain', 'ab', '--ipcpath', 's', '--json')).called).toMatchObject({
    command: 'explain',
    args: ['ab', { ipcpath: 's', json: true }],
  })
})

test('each has help that says where bootnodes come from', async () => {
  for (const command of ['resolve', 'lookup', 'crawl', 'listen']) {
    const { text, isMistake } = await parse(command, '--help')
    expect(isMistake).toBe(false)
    expect(text).toContain('--bootnodes')
    expect(text).toMatch(/--mainnet, --sepolia or\s--hoodi/)
  }
  expect((await parse('--help')).text).toContain('devp2p discv4')
})

describe('times', () => {
  test.each([
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['0', 0],
    ['0s', 0],
  ])("are Go's: %s", async (text, ms) => {
    expect((await options<CrawlOptions>('crawl', 'f', '--timeout', text)).timeout).toBe(ms)
  })

  test.each(['30', '', '-1m', '1d', '5m3', '1e3s', '9999h'])('are nothing else: %j', async (text) => {
    expect(await parse('crawl', 'f', `--timeout=${text}`)).toMatchObject({
      isMistake: true,
      text: expect.stringContaining('Expected a time such as 30m'),
    })
  })
})

describe('addresses', () => {
  test.each([
    [':30303', { ip: '::', port: 30303 }],
    ['[::1]:0', { ip: '::1', port: 0 }],
    ['0.0.0.0:256', { ip: '0.0.0.0', port: 256 }],
  ])('to listen at: %s', async (text, addr) => {
    expect((await options('listen', '--addr', text)).addr).toEqual(addr)
  })

  test('for RPC without an IP address are those of this machine alone', async () => {
    expect((await options<ListenOptions>('listen', '--rpc', ':8545')).rpc).toEqual({ ip: '127.0.0.1', port: 8545 })
  })

  test('that others reach us at may be of both families, with one port', async () => {
    const { extaddr } = await options('listen', '--extaddr', '10.0.0.1, [2001:db8::1]:40')
    expect(extaddr).toMatchObject({ ips: [{ text: '10.0.0.1' }, { text: '2001:db8::1' }], udpPort: 40 })
    expect((await options('listen', '--extaddr', '10.0.0.1')).extaddr?.udpPort).toBeUndefined()
  })

  test.each([
    ['--addr', 'localhost:1'],
    ['--addr', '127.0.0.1'],
    ['--addr', '127.0.0.1:65536'],
    ['--addr', '::1:30303'],
    ['--addr', '[127.0.0.1]:1'],
    ['--rpc', '8545'],
    ['--extaddr', 'example.org'],
    ['--extaddr', ''],
    ['--extaddr', '10.0.0.1,10.0.0.2'],
    ['--extaddr', '10.0.0.1:1,[::1]:2'],
    ['--nodekey', 'ab'],
    ['--nodekey', 'zz'.repeat(32)],
  ])('that are none are mistakes: %s %s', async (flag, text) => {
    expect(await parse('listen', `${flag}=${text}`)).toMatchObject({
      called: undefined,
      isMistake: true,
      text: expect.stringContaining('Expected'),
    })
  })
})

test.each(['0', '1001', 'many'])('a crawl asks from 1 to 1000 nodes at a time: not %s', async (parallel) => {
  expect(await parse('crawl', 'f', '--parallel', parallel)).toMatchObject({ isMistake: true })
})
