import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { networkChoice } from '../src/options/common.ts'
import type { DevnetOptions } from '../src/options/devnet-options.ts'
import { ignoredGethFlags } from '../src/options/geth-flags.ts'
import { readGethSpelling } from '../src/options/geth-spelling.ts'
import type { RunOptions } from '../src/options/run-options.ts'
import { peeringOf } from '../src/peering.ts'
import { createProgram, exitCodeOf } from '../src/program.ts'

interface Parsed {
  readonly command: string
  readonly options: unknown
  readonly file?: string
  readonly node?: string
  readonly range?: object
}

interface Outcome {
  readonly parsed: Parsed | undefined
  readonly text: string
  readonly code: number
}

/** What a command line comes to, with nothing run. */
async function parse(...args: string[]): Promise<Outcome> {
  let parsed: Parsed | undefined
  let text = ''
  const keep = (command: string) => async (options: unknown) => {
    parsed = { command, options }
    return 0
  }
  // Their own tests have more of them.
  const discv4 = {
    ...{ ping: keep('discv4 ping'), requestEnr: keep('discv4 requestenr'), resolve: keep('discv4 resolve') },
    ...{ lookup: keep('discv4 lookup'), crawl: keep('discv4 crawl'), listen: keep('discv4 listen') },
    explain: keep('discv4 explain'),
  }
  const tools = {
    enr: { decode: keep('enr decode'), encode: keep('enr encode') },
    key: {
      ...{ generate: keep('key generate'), toId: keep('key to-id') },
      ...{ toEnode: keep('key to-enode'), toEnr: keep('key to-enr') },
    },
    nodeset: { info: keep('nodeset info'), filter: keep('nodeset filter') },
  }
  const program = createProgram(
    {
      ...{ discv4, tools },
      run: keep('run'),
      devnet: keep('devnet'),
      peers: keep('peers'),
      export: async (file, range, options) => {
        parsed = { command: 'export', file, range, options }
        return 0
      },
      addPeer: async (node, options) => {
        parsed = { command: 'add-peer', node, options }
        return 0
      },
      removePeer: async (node, options) => {
        parsed = { command: 'remove-peer', node, options }
        return 0
      },
      import: async (file, options) => {
        parsed = { command: 'import', file, options }
        return 0
      },
    },
    () => undefined,
  )
  const write = (chunk: string): void => {
    text += chunk
  }
  for (const command of [program, ...program.commands]) command.configureOutput({ writeOut: write, writeErr: write })
  try {
    await program.parseAsync(readGethSpelling(program, args), { from: 'user' })
    return { parsed, text, code: 0 }
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { parsed, text, code: exitCodeOf(error) }
  }
}

const runOptions = async (...args: string[]): Promise<RunOptions> => {
  const { parsed, text } = await parse('run', ...args)
  expect(text).toBe('')
  return parsed?.options as RunOptions
}

describe('run', () => {
  test("has geth's defaults", async () => {
    expect(await runOptions()).toMatchObject({
      port: 30303,
      addr: '0.0.0.0',
      maxpeers: 50,
      staticnodes: [],
      verbosity: 3,
      'eth.versions': ['69', '70'],
      'http.addr': '127.0.0.1',
      'http.port': 8545,
      'http.api': ['eth', 'net', 'web3'],
      'http.vhosts': ['localhost'],
      'http.corsdomain': [],
      'ws.addr': '127.0.0.1',
      'ws.port': 8546,
      'ws.api': ['eth', 'net', 'web3'],
      'ws.origins': [],
      ...{ maxpendpeers: 0, trustednodes: [] },
    })
  })

  test('case 84: serves nothing over HTTP and WebSockets unless asked, and then to this machine alone and without admin', async () => {
    const options = await runOptions()
    for (const kind of ['http', 'ws'] as const) {
      expect(options[kind]).toBeUndefined()
      expect(options[`${kind}.addr`]).toBe('127.0.0.1')
      expect(options[`${kind}.api`]).not.toContain('admin')
    }
  })

  test('reads whom to trust, how many may wait, and who may listen', async () => {
    const options = await runOptions(
      ...['--trustednodes', 'enode://a,enr:b', '--maxpendpeers', '7', '--msgevents', '--discovery.v5', '--ws'],
      ...['--ws.addr', '127.0.0.2', '--ws.port', '8545', '--ws.api', 'admin', '--ws.origins', 'https://a.example, *'],
      ...['--http.corsdomain', 'https://a.example,https://b.example', '--discovery.dns', ''],
    )
    expect(options).toMatchObject({
      ...{ trustednodes: ['enode://a', 'enr:b'], maxpendpeers: 7, msgevents: true, 'discovery.v5': true, ws: true },
      ...{ 'ws.addr': '127.0.0.2', 'ws.port': 8545, 'ws.api': ['admin'], 'ws.origins': ['https://a.example', '*'] },
      ...{ 'http.corsdomain': ['https://a.example', 'https://b.example'], 'discovery.dns': '' },
    })
    expect((await runOptions('--discovery.v5=false'))['discovery.v5']).toBe(false)
  })

  test('reads how peers are chosen and dealt with', async () => {
    expect(peeringOf(await runOptions())).toEqual({
      ...{ policy: 'geth-2026', staticOnly: false, dropper: false, remembersOffences: false, bandwidth: {} },
    })
    const options = await runOptions(
      ...['--staticonly', '--dial.policy', 'geth-2018', '--reputation', '--dropper', '--bandwidth.upload', '2M'],
      ...['--bandwidth.download=500k', '--bandwidth.upload.peer', '1000', '--bandwidth.download.peer', '1G'],
    )
    expect(peeringOf(options)).toEqual({
      ...{ policy: 'geth-2018', staticOnly: true, dropper: true, remembersOffences: true },
      bandwidth: {
        ...{ uploadBytesPerSecond: 2_000_000, downloadBytesPerSecond: 500_000 },
        ...{ peerUploadBytesPerSecond: 1_000, peerDownloadBytesPerSecond: 1_000_000_000 },
      },
    })
  })

  test("takes a command line of geth's: what means nothing here is named, and nothing else", async () => {
    const options = await runOptions(
      ...['--syncmode', 'snap', '--gcmode=archive', '--state.scheme', 'path', '--cache', '4096', '--cache.trie=30'],
      ...['--txpool.globalslots', '10000', '--miner.gasprice', '1', '--snapshot=false', '--usb', '--pprof'],
      ...[
        '--authrpc.addr',
        '127.0.0.1',
        '--authrpc.port',
        '8551',
        '--authrpc.jwtsecret',
        '/jwt.hex',
        '--maxpeers',
        '9',
      ],
      ...['--rpc.gascap', '0', '--rpc.batch-request-limit', '500', '--miner.pending.feeRecipient', '0x00'],
    )
    expect(options.maxpeers).toBe(9)
    expect(ignoredGethFlags(options)).toEqual([
      ...['--authrpc.addr', '--authrpc.jwtsecret', '--authrpc.port', '--cache', '--cache.trie', '--gcmode'],
      ...['--miner.gasprice', '--miner.pending.feeRecipient', '--pprof', '--rpc.batch-request-limit', '--rpc.gascap'],
      ...['--snapshot', '--state.scheme', '--syncmode', '--txpool.globalslots', '--usb'],
    ])
    expect(ignoredGethFlags(await runOptions('--http', '--ws', '--metrics'))).toEqual([])
  })

  test.each<[args: string[], options: Partial<RunOptions>]>([
    [['--http=true', '--ws=1', '--metrics=T'], { http: true, ws: true, metrics: true }],
    [['--mainnet=true', '--ipcdisable=false'], { mainnet: true }],
    [['--nodiscover=false', '--http', '--http=false'], {}],
    [['--http=false', '--http'], { http: true }],
    [['-http', '-port', '30304', '-ws.port=8550'], { http: true, port: 30304, 'ws.port': 8550 }],
    [['-datadir', '-strange', '--port', '256'], { datadir: '-strange', port: 256 }],
    [['--discv4=false', '-discv5'], { 'discovery.v4': false, 'discovery.v5': true }],
    [['--http.api', 'eth,debug,txpool'], { 'http.api': ['eth', 'debug', 'txpool'] }],
    [['--nat', 'any'], { nat: 'automatic' }],
    [['--netrestrict', ''], { netrestrict: 'all' }],
    [['-cache', '4096', '-snapshot=false'], {}],
  ])("reads geth's spelling: %j", async (args, expected) => {
    const options = await runOptions(...args)
    expect(options).toMatchObject(expected)
    for (const flag of ['http', 'ws', 'metrics', 'nodiscover', 'ipcdisable', 'netrestrict'] as const)
      expect(options[flag]).toBe(expected[flag])
  })

  test.each([
    [['--http=maybe'], '--http'],
    [['-htp'], '-htp'],
    [['--http.addr', ''], '--http.addr'],
    [['--ws.addr='], '--ws.addr'],
    [['--metrics.addr', ' '], '--metrics.addr'],
    [['--addr', ''], '--addr'],
    [['--addr', 'localhost'], '--addr'],
    [['--datadir', ''], '--datadir'],
    [['--genesis', ''], '--genesis'],
    [['--nodekey', ''], '--nodekey'],
  ])('refuses %j and names the flag', async (args, flag) => {
    const { parsed, text, code } = await parse('run', ...args)
    expect([parsed, code]).toEqual([undefined, 2])
    expect(text).toContain(flag)
    if (args.at(-1)?.replace(/^.*=/, '').trim() === '') expect(text).toContain('empty')
  })

  test('shows no flag in its help that it ignores', async () => {
    const { text } = await parse('run', '--help')
    expect(text).toContain('--ws.origins')
    expect(text).not.toMatch(/^ +--(syncmode|cache|authrpc)/m)
  })

  test('reads its options', async () => {
    const hash = `0x${'ab'.repeat(32)}`
    const options = await runOptions(
      ...['--networkid', '18446744073709551615', '--staticnodes', 'enode://a, enr:b,', '--head', hash, '--nodiscover'],
      ...['--eth.versions', '70', '--http', '--http.api', 'admin,eth', '--receipts', '--identity', 'my-node'],
    )
    expect(options).toMatchObject({
      networkid: 18446744073709551615n,
      staticnodes: ['enode://a', 'enr:b'],
      head: new Uint8Array(32).fill(0xab),
      nodiscover: true,
      'eth.versions': ['70'],
      http: true,
      'http.api': ['admin', 'eth'],
      receipts: true,
      identity: 'my-node',
    })
    expect((await runOptions('--head', 'peers')).head).toBe('peers')
  })

  test('finds nodes as geth does, unless it is told otherwise', async () => {
    const options = await runOptions()
    expect(options).toMatchObject({ 'discovery.v4': true, nat: 'none' })
    for (const name of ['nodiscover', 'discovery.port', 'bootnodes', 'netrestrict', 'ntp'] as const) {
      expect(options[name]).toBeUndefined()
    }
  })

  test('reads how nodes are found', async () => {
    const options = await runOptions(
      ...['--discovery.port', '30301', '--discovery.v4=false', '--bootnodes', 'enode://a,enr:b', '--nodiscover'],
      ...['--netrestrict', '10.0.0.0/8, ::1', '--nat', 'extip:10.0.0.1', '--ntp', 'time.example.org:1123'],
    )
    expect(options).toMatchObject({
      ...{ 'discovery.port': 30_301, 'discovery.v4': false, bootnodes: ['enode://a', 'enr:b'], nodiscover: true },
      ntp: { host: 'time.example.org', port: 1123 },
    })
    expect(String(options.netrestrict)).toBe('10.0.0.0/8,::1/128')
    expect(options.nat).toMatchObject({ name: 'extip:10.0.0.1' })
    expect((await runOptions('--discovery.v4', '--bootnodes', '')).bootnodes).toEqual([])
    expect((await runOptions('--nat', 'none')).nat).toBe('none')
    expect((await runOptions('--ntp', 'none')).ntp).toBe('none')
    expect((await runOptions('--ntp', '[::1]:123')).ntp).toEqual({ host: '::1', port: 123 })
  })

  test.each([
    [['--discovery.v4=maybe'], 'Expected true or false'],
    [['--discovery.port', '70000'], 'Expected a whole number'],
    [['--netrestrict', '10.0.0.0/33'], 'expected networks such as 10.0.0.0/8'],
    [['--nat', 'upnp'], 'not in this version'],
    [['--nat', 'extip:nowhere'], 'extip'],
    [['--ntp', 'a b'], 'Expected a host name or an address'],
    [['--ntp', 'a:99999'], 'Expected a host name or an address'],
    [['--prt', '1'], 'Did you mean --port?'],
    [['--ws.orgins', '*'], 'Did you mean --ws.origins?'],
    [['--trustednode', 'enode://a'], 'Did you mean --trustednodes?'],
    [['--override.osaka', '1'], "unknown option '--override.osaka'"],
    [['--config', 'geth.toml'], "unknown option '--config'"],
    [['--cache'], "option '--cache <value>' argument missing"],
    [['--discovery.dns', 'enrtree://a@b.example'], 'Lists of nodes in DNS are not in this version'],
    [['--maxpendpeers', '-1'], 'Expected a whole number'],
    [['--dial.policy', 'mine'], 'Allowed choices are geth-2026, geth-2018'],
    [['--bandwidth.upload', '9'], 'Expected bytes a second'],
    [['--bandwidth.download', '1T'], 'Expected bytes a second'],
    [['--port', '65536'], "option '--port <port>' argument '65536' is invalid"],
    [['--port', '1e3'], 'Expected a whole number'],
    [['--port', '255'], 'Expected 0 or a port from 256 on'],
    [['--discovery.port', '80'], 'Expected 0 or a port from 256 on'],
    [['--maxpeers', '-1'], 'Expected a whole number'],
    [['--verbosity', '6'], 'Expected a whole number from 0 to 5'],
    [['--networkid', '18446744073709551616'], 'up to 64 bits'],
    [['--head', '0x12'], 'Expected "peers" or a block hash'],
    [['--head', 'latest'], 'Expected "peers" or a block hash'],
    [['--eth.versions', '68'], 'Allowed choices are 69, 70'],
    [['--eth.versions', ''], 'Expected at least one'],
    [['--eth.versions', ' , '], 'Expected at least one'],
    [['--identity', 'a/b'], 'Expected up to 64 letters'],
    [['extra'], 'too many arguments'],
  ])('%o is a mistake that is explained in a line or two', async (args, said) => {
    const { text, code, parsed } = await parse('run', ...args)
    expect({ code, parsed }).toEqual({ code: 2, parsed: undefined })
    expect(text).toContain(said)
    expect(text.trim().split('\n').length).toBeLessThan(5)
  })

  test('takes one network, mainnet if none is named', async () => {
    expect(networkChoice(await runOptions())).toEqual({ name: 'mainnet' })
    expect(networkChoice(await runOptions('--hoodi'))).toEqual({ name: 'hoodi' })
    expect(networkChoice(await runOptions('--genesis', 'g.json'))).toEqual({ genesisFile: 'g.json' })
    const both = await runOptions('--sepolia', '--genesis', 'g.json')
    expect(() => networkChoice(both)).toThrow('options --sepolia and --genesis are mutually exclusive')
  })
})

describe('the command line', () => {
  test('has help for each command, with defaults', async () => {
    for (const [command, said] of [
      ['run', '(default: 30303)'],
      ['import', 'chain.rlp.gz'],
      ['export', 'chain.rlp.gz'],
      ['peers', 'ethwire.ipc'],
      ['devnet', '(default: 120)'],
    ] as const) {
      const { text, code } = await parse(command, '--help')
      expect(code).toBe(0)
      expect(text.replace(/\s+/g, ' ')).toContain(said)
    }
    expect((await parse('run', '--help')).text.replace(/\s+/g, ' ')).toContain('none on a private one')
    expect(await parse('--version')).toMatchObject({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test('names the nearest command, and wants one', async () => {
    expect(await parse('rum')).toMatchObject({ code: 2, text: expect.stringContaining('Did you mean run?') })
    expect((await parse()).code).toBe(2)
  })

  test('import takes a file and the flags of a chain', async () => {
    expect((await parse('import', 'chain.rlp', '--networkid', '7', '--datadir', 'd')).parsed).toMatchObject({
      file: 'chain.rlp',
      options: { datadir: 'd', verbosity: 3 },
    })
    expect(await parse('import')).toMatchObject({ code: 2, text: expect.stringContaining('missing required argument') })
  })

  test('export takes a file, two block numbers if wanted, and the flags of a chain', async () => {
    expect((await parse('export', 'a.rlp', '--datadir', 'd')).parsed).toMatchObject({ file: 'a.rlp', range: {} })
    expect((await parse('export', 'a.rlp', '3', '7', '--force')).parsed).toMatchObject({
      range: { first: 3, last: 7 },
      options: { force: true },
    })
    expect(await parse('export', 'a.rlp', '-1')).toMatchObject({ code: 2 })
    expect(await parse('export', 'a.rlp', '0x3')).toMatchObject({ code: 2 })
  })

  test('peers, add-peer and remove-peer find a node by its data directory or socket', async () => {
    expect((await parse('peers', '--json', '--datadir', 'd')).parsed?.options).toMatchObject({
      json: true,
      datadir: 'd',
    })
    for (const command of ['add-peer', 'remove-peer']) {
      expect((await parse(command, 'enode://a', '--ipcpath', 's')).parsed).toMatchObject({
        command,
        node: 'enode://a',
        options: { ipcpath: 's' },
      })
      expect((await parse(command)).code).toBe(2)
    }
  })

  test('devnet has two nodes or more', async () => {
    const { parsed } = await parse('devnet', '--exit-when-synced', '--nodes', '7')
    expect(parsed?.options as DevnetOptions).toMatchObject({ nodes: 7, exitWhenSynced: true, timeout: 120 })
    expect((await parse('devnet', '--nodes', '1')).code).toBe(2)
  })
})
