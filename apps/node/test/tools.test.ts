import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forkId, genesisBlock, hoodi, mainnet, sepolia } from '@ethwire/chain'
import {
  defineEntry,
  type EntryValue,
  ip6Entry,
  ipEntry,
  nodeFromRecord,
  parseEnode,
  parseNode,
  parseRecord,
  signRecord,
  tcpEntry,
  udpEntry,
} from '@ethwire/enr'
import { ethEntry } from '@ethwire/eth-peer'
import { raw } from '@ethwire/rlp-codec'
import { Command, CommanderError } from 'commander'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { formatNodeSet, type NodeSet, type NodeSetEntry, parseNodeSet } from '../src/node-set.ts'
import { decodeEnr, encodeEnr } from '../src/tools/enr.ts'
import { generateKey, keyToEnode, keyToEnr, keyToId } from '../src/tools/key.ts'
import { nodesetFilter, nodesetInfo } from '../src/tools/nodeset.ts'
import { addToolCommands, type ToolCommands } from '../src/tools/tool-commands.ts'
import { runCli } from './cli-process.ts'
import { crypto, temporaryDirectory } from './support.ts'

let printed = ''

beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest) => {
    printed += String(text)
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  })
  return () => vi.restoreAllMocks()
})

/** EIP-778's own example. */
const example =
  'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8'
const exampleKey = 'b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291'
const exampleId = 'a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7'

async function keyFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'key')
  await writeFile(path, `${exampleKey}\n`)
  return path
}

const shownExample = `Node ID: ${exampleId}
URLv4:   enode://ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd31387574077f301b421bc84df7266c44e9e6d569fc56be00812904767bf5ccd1fc7f@127.0.0.1:0?discport=30303
Record has sequence number 1 and 4 key/value pairs.
  "id"        "v4"
  "ip"        127.0.0.1
  "secp256k1" 03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138
  "udp"       30303
`

describe('enr decode', () => {
  test('shows a record in each of its forms, from the command line or a file', async () => {
    const bytes = Buffer.from(parseRecord(example).bytes)
    const file = join(await temporaryDirectory(), 'record')
    for (const form of [
      example,
      example.slice(4),
      bytes.toString('hex'),
      `0x${bytes.toString('hex')}`,
      ` ${example}\n`,
    ]) {
      printed = ''
      expect(await decodeEnr(form, {})).toBe(0)
      expect(printed).toBe(shownExample)
    }
    for (const content of [example, bytes]) {
      printed = ''
      await writeFile(file, content)
      expect(await decodeEnr(undefined, { file })).toBe(0)
      expect(printed).toBe(shownExample)
    }
  })

  test('gives all of it to programs', async () => {
    expect(await decodeEnr(example, { json: true })).toBe(0)
    expect(JSON.parse(printed)).toMatchObject({ valid: true, nodeId: exampleId, enr: example, seq: 1 })
    expect(JSON.parse(printed).entries).toEqual([
      { key: 'id', rlp: '0x827634', value: 'v4' },
      { key: 'ip', rlp: '0x847f000001', value: '127.0.0.1' },
      { key: 'secp256k1', rlp: expect.stringMatching(/^0xa103ca63/) },
      { key: 'udp', rlp: '0x82765f', value: 30303 },
    ])
  })

  test('case 9: shows what is wrong with a record, and cannot be made to steer the terminal', async () => {
    const bytes = Buffer.from(parseRecord(example).bytes)
    bytes[10] = (bytes[10] as number) ^ 1
    expect(await decodeEnr(bytes.toString('hex'), {})).toBe(1)
    expect(printed).toBe(
      shownExample.replace(/^Node ID.*\n.*\n/, 'INVALID: the signature is not by the key in the record\n'),
    )
    printed = ''
    // A list of a signature, 1, and a key of an escape sequence with one of the bell.
    const hostile = Buffer.concat([
      Buffer.from([0xc8, 0x01, 0x01, 0x83]),
      Buffer.from('\x1b[2'),
      Buffer.from([0x81, 0xff]),
    ])
    expect(await decodeEnr(hostile.toString('hex'), {})).toBe(1)
    expect(printed).toContain('"\\x1b[2"')
    printed = ''
    expect(await decodeEnr(hostile.toString('hex'), { json: true })).toBe(1)
    expect(JSON.parse(printed)).toMatchObject({ valid: false, problem: expect.any(String) })
    expect(printed).not.toContain('\x1b')
  })

  test('says that something is no record', async () => {
    for (const record of ['enr:zz', 'c1c0', 'hello', '', 'c0', 'c401018101'])
      await expect(decodeEnr(record, {}), record).rejects.toMatchObject({ code: 'NODE_RECORD' })
    await expect(decodeEnr(undefined, {})).rejects.toMatchObject({ code: 'NODE_USAGE' })
    await expect(decodeEnr(example, { file: 'x' })).rejects.toMatchObject({ code: 'NODE_USAGE' })
    await expect(decodeEnr(undefined, { file: '/does/not/exist' })).rejects.toMatchObject({ code: 'NODE_FILE' })
    const file = join(await temporaryDirectory(), 'long')
    await writeFile(file, 'a'.repeat(10_000))
    await expect(decodeEnr(undefined, { file })).rejects.toMatchObject({ code: 'NODE_FILE' })
    expect(printed).toBe('')
  })
})

describe('enr encode', () => {
  test("makes EIP-778's example", async () => {
    await encodeEnr(await keyFile(), { seq: 1n, ip: '127.0.0.1', udp: 30303, entry: [] })
    expect(printed).toBe(`${example}\n`)
  })

  test('signs whatever entries are given', async () => {
    const options = {
      seq: 2n ** 64n - 1n,
      ip: '10.0.0.1',
      ip6: '2001:db8::1',
      tcp: 30303,
      udp: 0,
      tcp6: 300,
      udp6: 301,
    }
    await encodeEnr(await keyFile(), { ...options, entry: [{ key: 'snap', value: Uint8Array.of(0xc0) }] })
    const record = parseRecord(printed.trim())
    expect([...record.entries.keys()]).toEqual(['id', 'ip', 'ip6', 'secp256k1', 'snap', 'tcp', 'tcp6', 'udp6'])
    expect([record.seq, record.get(ip6Entry)]).toEqual([options.seq, '2001:db8::1'])
    printed = ''
    await encodeEnr(await keyFile(), { ...options, entry: [], json: true })
    // JSON's numbers would round it.
    expect(JSON.parse(printed)).toMatchObject({ seq: '18446744073709551615' })
    printed = ''
    await encodeEnr(await keyFile(), { seq: 1n, entry: [], json: true })
    expect(JSON.parse(printed)).toMatchObject({
      seq: 1,
      valid: true,
      nodeId: exampleId,
      enr: expect.stringMatching(/^enr:/),
    })
  })

  test('says why there can be no such record', async () => {
    const file = await keyFile()
    const entry = (key: string, hex: string) => ({ key, value: Uint8Array.from(Buffer.from(hex, 'hex')) })
    const mistakes = [
      { tcp: 22, entry: [] },
      { entry: [entry('id', '827635')] },
      { entry: [entry('x', '83')] },
      { entry: [entry('x', '0101')] },
      { entry: [entry('x', `b8ff${'00'.repeat(255)}`)] },
      { ip: '10.0.0.1', entry: [entry('ip', '840a000001')] },
    ]
    for (const mistake of mistakes) {
      const error = { code: 'NODE_USAGE', message: expect.stringMatching(/^no such record can be: /) }
      await expect(encodeEnr(file, { seq: 1n, ...mistake })).rejects.toMatchObject(error)
    }
  })
})

describe('key', () => {
  test('generate makes a file for the user alone, and overwrites none', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'key')
    expect(await generateKey(file, {})).toBe(0)
    const key = await readFile(file, 'latin1')
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual(['key'])
    expect(printed).not.toContain(key)
    await expect(generateKey(file, {})).rejects.toMatchObject({
      code: 'NODE_FILE',
      message: `${file} is there already; choose another name, or replace it with --force`,
    })
    expect(await readFile(file, 'latin1')).toBe(key)
    printed = ''
    await generateKey(file, { force: true, json: true })
    const { nodeId } = JSON.parse(printed)
    expect(await readFile(file, 'latin1')).not.toBe(key)
    printed = ''
    await keyToId(file, {})
    expect(printed).toBe(`${nodeId}\n`)
  })

  test('to-id, to-enode and to-enr tell what a key stands for', async () => {
    const file = await keyFile()
    const shown = async (step: Promise<number>): Promise<string> => {
      printed = ''
      expect(await step).toBe(0)
      return printed.trim()
    }
    expect(await shown(keyToId(file, {}))).toBe(exampleId)
    expect(JSON.parse(await shown(keyToId(file, { json: true })))).toEqual({ nodeId: exampleId })
    const enode = await shown(keyToEnode(file, { ip: '10.0.0.1', tcp: 30303, udp: 30301 }))
    expect(parseEnode(enode)).toMatchObject({ host: '10.0.0.1', tcpPort: 30303, udpPort: 30301 })
    expect(await shown(keyToEnode(file, { ip: '', tcp: 1, udp: 2 }))).toMatch(/^enode:\/\/[0-9a-f]{128}$/)
    const json = JSON.parse(await shown(keyToEnode(file, { ip: '::1', tcp: 1, udp: 1, json: true })))
    expect(json).toEqual({ nodeId: exampleId, enode: expect.stringMatching(/@\[::1\]:1$/) })
    const enr = await shown(keyToEnr(file, { ip: '10.0.0.1', tcp: 30303, udp: 30301 }))
    expect(parseNode(enr)).toMatchObject({ host: '10.0.0.1', tcpPort: 30303, udpPort: 30301, record: { seq: 0n } })
    const { nodeId } = JSON.parse(await shown(keyToEnr(file, { ip: '::1', tcp: 0, udp: 30301, json: true })))
    expect(nodeId).toBe(exampleId)
    await expect(keyToEnr(file, { ip: '', tcp: 80, udp: 0 })).rejects.toMatchObject({ code: 'NODE_USAGE' })
  })

  test('case 65: a file that is no key is not used', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'key')
    await expect(keyToId(file, {})).rejects.toMatchObject({ code: 'NODE_KEY', message: `there is no file ${file}` })
    for (const content of ['', 'zz'.repeat(32), '00'.repeat(32), 'ff'.repeat(32), `${exampleKey}00`]) {
      await writeFile(file, content)
      await expect(keyToId(file, {}), content).rejects.toMatchObject({ code: 'NODE_KEY' })
    }
  })
})

describe('nodeset', () => {
  const hour = 3_600_000
  const listEntry = (key: string): EntryValue => defineEntry(key, raw(100)).of(Uint8Array.of(0xc0))
  const forkOf = ({ config, genesis }: typeof mainnet, number: bigint, timestamp: bigint): EntryValue =>
    ethEntry.of(forkId(config, genesisBlock(genesis, crypto), { number, timestamp }))
  const late = 4_000_000_000n

  function entry(index: number, entries: readonly EntryValue[], more: Partial<NodeSetEntry> = {}): NodeSetEntry {
    const record = signRecord({ seq: 1n, entries, privateKey: new Uint8Array(32).fill(index), crypto })
    return { node: nodeFromRecord(record), score: 0, ...more }
  }

  const entries: readonly NodeSetEntry[] = [
    entry(1, [ipEntry.of('10.1.0.1'), tcpEntry.of(30303), forkOf(mainnet, 0n, 0n)], { score: 5 }),
    entry(2, [ipEntry.of('10.2.0.1'), udpEntry.of(30303), forkOf(mainnet, 99_999_999n, late), listEntry('snap')], {
      ...{ score: 9, firstResponseMs: 1_000, lastResponseMs: 1_000 + 25 * hour },
    }),
    entry(3, [ip6Entry.of('2001:db8::1'), tcpEntry.of(30303), forkOf(sepolia, 0n, 0n), listEntry('les')], { score: 7 }),
    entry(4, [forkOf(hoodi, 0n, 0n), listEntry('snap')], { score: 1, firstResponseMs: 5, lastResponseMs: 5 + hour }),
    entry(5, [ipEntry.of('10.1.0.5'), ethEntry.of({ hash: Uint8Array.of(1, 2, 3, 4), next: 0n })]),
  ]
  const ids = entries.map(({ node }) => node.nodeIdHex)
  const set: NodeSet = new Map(entries.map((one) => [one.node.nodeIdHex, one]))

  async function nodesFile(): Promise<string> {
    const file = join(await temporaryDirectory(), 'nodes.json')
    await writeFile(file, formatNodeSet(set))
    return file
  }

  async function kept(...filters: readonly string[]): Promise<number[]> {
    printed = ''
    expect(await nodesetFilter(await nodesFile(), filters)).toBe(0)
    return [...parseNodeSet(printed, crypto).keys()].map((id) => ids.indexOf(id) + 1).sort()
  }

  test('info counts nodes and keys of records', async () => {
    const file = await nodesFile()
    expect(await nodesetInfo(file, {})).toBe(0)
    expect(printed).toBe(`Set contains 5 nodes.
ENR attribute counts:
       eth: 5
        id: 5
        ip: 3
       ip6: 1
       les: 1
 secp256k1: 5
      snap: 2
       tcp: 2
       udp: 1
`)
    printed = ''
    await nodesetInfo(file, { json: true })
    expect(JSON.parse(printed)).toMatchObject({ nodes: 5, attributes: { eth: 5, les: 1, udp: 1 } })
  })

  test('info and filter name an entry that is not right on standard error, and go on', async () => {
    const said: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    const file = await nodesFile()
    await writeFile(file, formatNodeSet(set).replace('"seq": 1', '"seq": 7'))
    await nodesetInfo(file, {})
    expect(printed).toMatch(/^Set contains 5 nodes\.\n/)
    printed = ''
    await nodesetFilter(file, [])
    expect(printed).toBe(formatNodeSet(set))
    const fault = `ethwire: ${file}: node "${[...ids].sort()[0]}": "seq" is not that of its record\n`
    expect(said).toEqual([fault, fault])
  })

  test('info of an empty file', async () => {
    const file = join(await temporaryDirectory(), 'nodes.json')
    await writeFile(file, '{}')
    await nodesetInfo(file, {})
    expect(printed).toBe('Set contains 0 nodes.\nENR attribute counts:\n')
  })

  test('filter without filters writes the file as it was', async () => {
    expect(await kept()).toEqual([1, 2, 3, 4, 5])
    expect(printed).toBe(formatNodeSet(set))
  })

  test('filter keeps the nodes that pass', async () => {
    expect(await kept('-ip', '10.1.0.0/16')).toEqual([1, 5])
    expect(await kept('-ip', '2001:db8::/32')).toEqual([3])
    expect(await kept('--ip=0.0.0.0/0')).toEqual([1, 2, 5])
    expect(await kept('-min-age', '24h')).toEqual([2])
    expect(await kept('-min-age', '1h')).toEqual([2, 4])
    expect(await kept('-min-age', '0')).toEqual([1, 2, 3, 4, 5])
    expect(await kept('-eth-network', 'mainnet')).toEqual([1, 2])
    expect(await kept('-eth-network', 'sepolia')).toEqual([3])
    expect(await kept('-eth-network', 'hoodi')).toEqual([4])
    expect(await kept('-snap')).toEqual([2, 4])
    expect(await kept('-les-server')).toEqual([3])
    expect(await kept('-dialable')).toEqual([1, 3])
    expect(await kept('-snap', '-eth-network', 'mainnet', '-min-age', '24h')).toEqual([2])
    expect(await kept('-limit', '2')).toEqual([2, 3])
    expect(await kept('-limit', '3', '-ip', '10.0.0.0/8', '-limit', '1')).toEqual([2])
    expect(await kept('-limit', '0')).toEqual([])
    expect(printed).toBe('{}')
    expect(await kept('-limit', '-1')).toEqual([1, 2, 3, 4, 5])
  })

  test('filter says which filter is not right, before it reads the file', async () => {
    const cases: readonly (readonly [string, string])[] = [
      ['-colour', 'there is no filter "-colour"; the filters are -dialable, -eth-network'],
      ['snap', 'there is no filter "snap"'],
      ['-constructor', 'there is no filter'],
      ['-ip', 'the filter -ip needs an argument'],
      ['-ip 10.0.0.1', '-ip: expected a network such as 10.0.0.0/8'],
      ['-ip 10.0.0.0/33', '-ip: expected networks'],
      ['-min-age tomorrow', '-min-age: expected a span of time'],
      ['-eth-network toString', '-eth-network: expected mainnet, sepolia or hoodi'],
      ['-limit many', '-limit: expected a number of nodes'],
      ['-snap=yes', 'the filter -snap takes no argument'],
    ]
    for (const [filters, message] of cases) {
      const error = { code: 'NODE_USAGE', message: expect.stringContaining(message) }
      await expect(nodesetFilter('/does/not/exist', filters.split(' ')), filters).rejects.toMatchObject(error)
    }
    await expect(nodesetFilter('/does/not/exist', [])).rejects.toThrow('there is no file /does/not/exist')
  })
})

describe('the tools as commands', () => {
  test('take their arguments, print, and end with their exit code', async () => {
    const directory = await temporaryDirectory()
    const [key, nodes] = [join(directory, 'key'), join(directory, 'nodes.json')]
    expect(await runCli('key', 'generate', key)).toMatchObject({ code: 0 })
    expect(await runCli('key', 'generate', key)).toMatchObject({ code: 1 })
    const made = await runCli(
      'enr',
      'encode',
      key,
      '--seq',
      '7',
      '--ip',
      '10.0.0.1',
      '--entry',
      'snap=0xc0',
      '--entry',
      'a=01',
    )
    expect(made).toMatchObject({ code: 0, output: expect.stringMatching(/^enr:\S+\n$/) })
    const shown = await runCli('enr', 'decode', made.output.trim())
    expect(shown).toMatchObject({ code: 0, output: expect.stringContaining('sequence number 7 and 5 key/value pairs') })
    const node = nodeFromRecord(parseRecord(made.output.trim()))
    await writeFile(nodes, formatNodeSet(new Map([[node.nodeIdHex, { node, score: 1 }]])))
    const filtered = await runCli('nodeset', 'filter', nodes, '-snap', '--json', '-limit', '5', '-ip', '10.0.0.0/8')
    expect(filtered).toEqual({ code: 0, output: await readFile(nodes, 'utf8') })
    expect(await runCli('nodeset', 'filter', nodes, '-shiny')).toMatchObject({ code: 2 })
    expect(await runCli('enr', 'decode', 'c0')).toMatchObject({ code: 1 })
    // What a file says steers no terminal.
    await writeFile(nodes, '{"a": \u001b[31m\u009b0m}')
    const refused = await runCli('nodeset', 'info', nodes)
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('\\x1b[31m\\x9b0m') })
    expect(refused.output).not.toMatch(/[^\P{Cc}\n]/u)
  }, 60_000)

  test('have help, and are strict about what they are given', async () => {
    const calls: unknown[] = []
    const keep =
      (name: string) =>
      async (...args: unknown[]) => {
        calls.push([name, ...args])
        return 0
      }
    const commands: ToolCommands = {
      enr: { decode: keep('decode'), encode: keep('encode') },
      key: {
        ...{ generate: keep('generate'), toId: keep('to-id') },
        ...{ toEnode: keep('to-enode'), toEnr: keep('to-enr') },
      },
      nodeset: { info: keep('info'), filter: keep('filter') },
    }
    const parse = async (line: string): Promise<string> => {
      let text = ''
      const write = (chunk: string): void => {
        text += chunk
      }
      const program = new Command('ethwire').exitOverride().configureOutput({ writeOut: write, writeErr: write })
      addToolCommands(program, commands, () => undefined)
      await program.parseAsync(line.split(' '), { from: 'user' }).catch((error: unknown) => {
        if (!(error instanceof CommanderError)) throw error
      })
      return text
    }
    const all = ['enr decode', 'enr encode', 'key generate', 'key to-id', 'key to-enode', 'key to-enr', 'nodeset info']
    for (const command of [...all, 'nodeset filter']) {
      const help = await parse(`${command} --help`)
      expect(help).toContain(`Usage: ethwire ${command}`)
      expect(help).toContain('--json')
      if (command !== 'enr decode') expect(await parse(command)).toContain('missing required argument')
      if (command !== 'nodeset filter') expect(await parse(`${command} a --shiny`)).toContain('unknown option')
    }
    const mistakes = ['--seq -1', '--seq 18446744073709551616', '--ip 1.2.3', '--tcp 65536', '--entry x', '--entry x=0']
    for (const mistake of mistakes) expect(await parse(`enr encode k ${mistake}`)).toContain('is invalid')
    expect(calls).toEqual([])
    expect(await parse('key to-enr k')).toBe('')
    expect(await parse('enr encode k --entry a=01 --entry b=0x02')).toBe('')
    expect(await parse('nodeset filter n -limit 3 -ip 10.0.0.0/8 -snap --json')).toBe('')
    expect(calls).toMatchObject([
      ['to-enr', 'k', { ip: '127.0.0.1', tcp: 30303, udp: 30303 }],
      ['encode', 'k', { seq: 1n, entry: [{ key: 'a' }, { key: 'b', value: Uint8Array.of(2) }] }],
      ['filter', 'n', ['-limit', '3', '-ip', '10.0.0.0/8', '-snap']],
    ])
  })
})
