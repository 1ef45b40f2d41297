import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forkId, genesisBlock, hoodi, mainnet, sepolia } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { type EntryValue, ip6Entry, ipEntry, type NodeRecord, signRecord, tcpEntry, udpEntry } from '@ethwire/enr'
import { ethEntry } from '@ethwire/eth-peer'
import { beforeAll, expect, test } from 'vitest'
import { devp2p } from '../src/devp2p.ts'
import { ethwire } from '../src/ethwire-cli.ts'
import { temporaryDirectory } from '../src/resources.ts'

let directory: string
let key: string

beforeAll(async () => {
  directory = temporaryDirectory('tools')
  key = join(directory, 'key')
  expect(await ethwire('key', 'generate', key)).toMatchObject({ code: 0, stderr: '' })
})

/** What both print, which is the same. */
async function alike(ours: readonly string[], theirs: readonly string[]): Promise<string> {
  const [mine, geths] = await Promise.all([ethwire(...ours), devp2p(...theirs)])
  expect(geths).toMatchObject({ code: 0, stderr: '' })
  expect(mine).toEqual(geths)
  return mine.stdout
}

test('node keys are the same in both: ID, enode URL and record, to the signature', async () => {
  const geths = join(directory, 'geths-key')
  expect(await devp2p('key', 'generate', geths)).toMatchObject({ code: 0 })
  const endpoints = [[], ['--ip', '10.1.2.3', '--tcp', '4000', '--udp', '0'], ['--ip', '2001:db8::1'], ['--ip', '']]
  for (const file of [key, geths]) {
    expect(await readFile(file, 'latin1')).toMatch(/^[0-9a-f]{64}$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await alike(['key', 'to-id', file], ['key', 'to-id', file])
    for (const endpoint of file === key ? endpoints : [[]]) {
      await alike(['key', 'to-enode', ...endpoint, file], ['key', 'to-enode', ...endpoint, file])
      await alike(['key', 'to-enr', ...endpoint, file], ['key', 'to-enr', ...endpoint, file])
    }
  }
})

test('records are shown alike, in each form, from the command line and from a file', async () => {
  const endpoint = ['--ip', '10.0.0.1', '--tcp', '30303', '--udp', '30301']
  const six = ['--ip6', '2001:db8::1', '--tcp6', '300', '--udp6', '400']
  const more = ['snap=c0', 'eth=c7c6841122334480', 'text=83616263', 'quoted"=01', 'none=80']
  const lines = [
    [],
    ['--seq', '18446744073709551615', ...endpoint],
    ['--seq', '0', ...endpoint, ...six, ...more.flatMap((entry) => ['--entry', entry])],
    six,
  ]
  for (const line of lines) {
    const { stdout, stderr } = await ethwire('enr', 'encode', key, ...line)
    expect(stderr).toBe('')
    const record = stdout.trim()
    const bytes = Buffer.from(record.slice(4), 'base64url')
    for (const form of [record, record.slice(4), bytes.toString('hex'), `0x${bytes.toString('hex')}`])
      await alike(['enr', 'decode', '--', form], ['enrdump', '--', form])
    const file = join(directory, 'record')
    await writeFile(file, bytes)
    await alike(['enr', 'decode', '--file', file], ['enrdump', '--file', file])
    // With a wrong signature it is shown, too, and both say so; ours says it by the exit code as well.
    bytes[20] = (bytes[20] as number) ^ 1
    const [ours, geths] = [
      await ethwire('enr', 'decode', bytes.toString('hex')),
      await devp2p('enrdump', bytes.toString('hex')),
    ]
    const withoutReason = (text: string): string => text.replace(/^INVALID: .*/, 'INVALID')
    expect(withoutReason(ours.stdout)).toBe(withoutReason(geths.stdout))
    expect([ours.code, ours.stdout.startsWith('INVALID: ')]).toEqual([1, true])
  }
})

test('what is no record is none for both', async () => {
  for (const text of ['enr:zz', 'c1c0', 'c0', 'hello']) {
    expect(await devp2p('enrdump', text)).toMatchObject({ code: 1, stdout: '' })
    expect(await ethwire('enr', 'decode', text)).toMatchObject({ code: 1, stdout: '' })
  }
})

/** Nodes of three networks at all their forks and of others, with all that filters look at. */
function nodeRecords(): NodeRecord[] {
  const heads = [0n, 1_150_000n, 12_965_000n, 30_000_000n].flatMap((number) =>
    [0n, 1_700_000_000n, 1_750_000_000n, 4_000_000_000n].map((timestamp) => ({ number, timestamp })),
  )
  const forks = [mainnet, sepolia, hoodi].flatMap(({ config, genesis }) =>
    heads.map((head) => forkId(config, genesisBlock(genesis, pureCrypto), head)),
  )
  const known = forks.flatMap((fork) => [fork, { ...fork, next: 1n }, { ...fork, next: 5_000_000_000n }])
  const all = [...known, { hash: Uint8Array.of(1, 2, 3, 4), next: 0n }, undefined]
  return all.map((fork, index) => {
    const list = (name: string, value: number[]): EntryValue => ({ key: name, value: Uint8Array.from(value) })
    const entries = [
      ...(fork === undefined ? [] : [ethEntry.of(fork)]),
      ...(index % 5 === 0 ? [] : [ipEntry.of(`10.${index % 3}.0.${index}`)]),
      ...(index % 4 === 0 ? [ip6Entry.of(`2001:db8:${index % 3}::${index + 1}`)] : []),
      ...(index % 3 === 0 ? [tcpEntry.of(30303)] : []),
      ...(index % 2 === 0 ? [udpEntry.of(30303)] : []),
      ...(index % 6 === 1 ? [list('snap', index % 12 === 1 ? [0xc0] : [0xc1, 0x01])] : []),
      ...(index % 7 === 2 ? [list('les', index % 14 === 2 ? [0xc1, 0x04] : [0x04])] : []),
      ...(index % 8 === 3 ? [list('quic', [0x82, 0x76, 0x60])] : []),
    ]
    const privateKey = new Uint8Array(32).fill(index + 1)
    return signRecord({ seq: BigInt(index) ** 8n, entries, privateKey, crypto: pureCrypto })
  })
}

test("files of nodes: ours reads and writes geth's to the byte, counts alike and filters alike", async () => {
  const nodes: Record<string, object> = {}
  for (const [index, record] of nodeRecords().entries()) {
    const time = (seconds: number): string => new Date(1_790_000_000_000 + seconds * 1000).toISOString()
    nodes[record.nodeIdHex] = {
      seq: `${record.seq}`,
      record: record.text,
      score: index === 0 ? 0 : index * 3,
      ...(index % 9 === 0 ? {} : { firstResponse: time(index), lastResponse: time(index + index * 3600) }),
      ...(index % 2 === 0 ? {} : { lastCheck: time(index * 7000) }),
    }
  }
  const [draft, file] = [join(directory, 'draft.json'), join(directory, 'nodes.json')]
  // Numbers that JSON.stringify does not know.
  await writeFile(draft, JSON.stringify(nodes).replace(/"seq":"(\d+)"/g, '"seq":$1'))
  const { stdout } = await devp2p('nodeset', 'filter', draft)
  await writeFile(file, stdout)

  expect(await alike(['nodeset', 'filter', draft], ['nodeset', 'filter', draft])).toBe(stdout)
  expect(await alike(['nodeset', 'info', file], ['nodeset', 'info', file])).toContain(
    `Set contains ${Object.keys(nodes).length}`,
  )
  const filters = [
    '-limit 10',
    '-limit 0',
    '-limit -1',
    '-ip 10.1.0.0/16',
    '-ip 2001:db8::/47',
    '-ip 2001:db8:1::/48',
    '-min-age 24h',
    '-min-age 1h30m',
    '-eth-network mainnet',
    '-eth-network sepolia',
    '-eth-network hoodi',
    '-snap',
    '-les-server',
    '-dialable',
    '-eth-network mainnet -min-age 10h -limit 5',
    '-snap -dialable -ip 10.0.0.0/8',
  ]
  for (const filter of filters) {
    const args = ['nodeset', 'filter', file, ...filter.split(' ')]
    const kept = Object.keys(JSON.parse(await alike(args, args))).length
    expect(kept === 0, filter).toBe(filter === '-limit 0')
    expect(kept === Object.keys(nodes).length, filter).toBe(filter === '-limit -1')
  }
  for (const filter of ['-shiny', '-ip 10.0.0.1', '-eth-network x', '-min-age 3', '-limit x', '-limit']) {
    const args = ['nodeset', 'filter', file, ...filter.split(' ')]
    expect((await devp2p(...args)).code, filter).toBe(1)
    expect((await ethwire(...args)).code, filter).toBe(2)
  }

  // An entry that is not right: neither minds a wrong number or ID, and both refuse a record that is none.
  const odd = async (wrong: (text: string) => string) => {
    const path = join(directory, 'odd.json')
    await writeFile(path, wrong(stdout))
    return await Promise.all([ethwire('nodeset', 'info', path), devp2p('nodeset', 'info', path)])
  }
  for (const wrong of [
    (text: string) => text.replace(/"seq": \d+/, '"seq": 77'),
    (text: string) => text.replace(/"[0-9a-f]{64}"/, `"${'ab'.repeat(32)}"`),
  ]) {
    const [mine, geths] = await odd(wrong)
    expect(geths).toMatchObject({ code: 0, stderr: '' })
    expect(mine).toMatchObject({ code: 0, stdout: geths.stdout, stderr: expect.stringMatching(/odd\.json: node "/) })
  }
  const refusals = await odd((text) => text.replace('enr:-', 'enr:'))
  expect(refusals.map(({ code }) => code)).toEqual([1, 1])
})
