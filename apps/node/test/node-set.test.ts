import { link, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ipEntry, nodeFromRecord, parseNode, signRecord, tcpEntry, udpEntry } from '@ethwire/enr'
import { encodeBytes, encodeList, encodeUint } from '@ethwire/rlp-codec'
import { describe, expect, test } from 'vitest'
import {
  formatNodeSet,
  type NodeSet,
  type NodeSetEntry,
  parseNodeSet,
  readNodeSet,
  writeNodeSet,
} from '../src/node-set.ts'
import { crypto, temporaryDirectory } from './support.ts'

function entry(index: number, more: Partial<NodeSetEntry> = {}, seq: bigint = BigInt(index)): NodeSetEntry {
  const entries = [ipEntry.of(`10.0.0.${index}`), tcpEntry.of(30303), udpEntry.of(30303)]
  const privateKey = new Uint8Array(32).fill(index)
  return { node: nodeFromRecord(signRecord({ seq, entries, privateKey, crypto })), score: 0, ...more }
}

function setOf(...entries: readonly NodeSetEntry[]): NodeSet {
  return new Map(entries.map((one) => [one.node.nodeIdHex, one]))
}

/** A record, rightly signed, with a UDP port of three bytes. */
function badRecord(): string {
  const key = new Uint8Array(32).fill(9)
  const pair = (name: string, value: Uint8Array): Uint8Array[] => [encodeBytes(Buffer.from(name)), value]
  const fields = [
    encodeUint(1),
    ...pair('id', encodeBytes(Buffer.from('v4'))),
    ...pair('secp256k1', encodeBytes(crypto.compressPublicKey(crypto.publicKey(key)))),
    ...pair('udp', encodeBytes(Uint8Array.of(1, 2, 3))),
  ]
  const signature = crypto.sign(crypto.keccak256(encodeList(fields)), key).subarray(0, 64)
  return `enr:${Buffer.from(encodeList([encodeBytes(signature), ...fields])).toString('base64url')}`
}

const second = Date.UTC(2026, 10, 25, 22, 30, 7)

describe('a node set', () => {
  test("is geth's file to the byte", () => {
    const one = entry(1, { score: 12, firstResponseMs: second, lastResponseMs: second + 60_000, lastCheckMs: second })
    const two = entry(2)
    const [first, last] = [one, two].sort((a, b) => (a.node.nodeIdHex < b.node.nodeIdHex ? -1 : 1))
    const score = (of: NodeSetEntry | undefined): string => (of === one ? '\n        "score": 12,' : '')
    const times = (of: NodeSetEntry | undefined): string[] =>
      of === one
        ? ['2026-11-25T22:30:07Z', '2026-11-25T22:31:07Z', '2026-11-25T22:30:07Z']
        : ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z']
    const shown = (of: NodeSetEntry | undefined): string => `    "${of?.node.nodeIdHex}": {
        "seq": ${of?.node.record?.seq},
        "record": "${of?.node.record?.text}",${score(of)}
        "firstResponse": "${times(of)[0]}",
        "lastResponse": "${times(of)[1]}",
        "lastCheck": "${times(of)[2]}"
    }`
    const text = formatNodeSet(setOf(two, one))
    expect(text).toBe(`{\n${shown(first)},\n${shown(last)}\n}`)
    expect(formatNodeSet(parseNodeSet(text, crypto))).toBe(text)
    expect(parseNodeSet(text, crypto).get(one.node.nodeIdHex)).toMatchObject({ ...one, node: expect.anything() })
  })

  test('may be empty, and a node may have no record', () => {
    expect(formatNodeSet(new Map())).toBe('{}')
    expect(parseNodeSet('{}', crypto).size).toBe(0)
    expect(parseNodeSet('null', crypto).size).toBe(0)
    const key = Buffer.from(crypto.publicKey(new Uint8Array(32).fill(9))).toString('hex')
    const node = parseNode(`enode://${key}@10.0.0.9:30303?discport=30301`)
    const text = formatNodeSet(setOf({ node, score: 1 }))
    expect(text).toContain(`"record": "enode://${key}@10.0.0.9:30303?discport=30301"`)
    expect(text).toContain('"seq": 0,')
    expect(formatNodeSet(parseNodeSet(text, crypto))).toBe(text)
  })

  test('keeps sequence numbers that JSON cannot count to', () => {
    const text = formatNodeSet(setOf(entry(1, {}, 2n ** 64n - 1n)))
    expect(text).toContain('"seq": 18446744073709551615,')
    expect(formatNodeSet(parseNodeSet(text, crypto))).toBe(text)
  })

  test('takes times in other zones and with fractions', () => {
    const text = formatNodeSet(setOf(entry(1)))
    const zoned = text.replace('0001-01-01T00:00:00Z', '2026-11-25T23:30:07.120456789+01:00')
    expect(formatNodeSet(parseNodeSet(zoned, crypto))).toContain('"firstResponse": "2026-11-25T22:30:07.12Z"')
  })

  test("says which entry is not right, and reads the others, where geth's tools do", () => {
    const [one, two] = [entry(1), entry(2)]
    const good = formatNodeSet(setOf(one, two))
    const [, last] = [one, two].sort((a, b) => (a.node.nodeIdHex < b.node.nodeIdHex ? -1 : 1))
    const unreadable = badRecord()
    const faultsOf = (text: string): { faults: string[]; after: string } => {
      const faults: string[] = []
      return { after: formatNodeSet(parseNodeSet(text, crypto, (fault) => faults.push(fault))), faults }
    }
    const other = 'ab'.repeat(32)
    expect(faultsOf(good.replace(`"${one.node.nodeIdHex}"`, `"${other}"`))).toEqual({
      faults: [`node "${other}": its record is of ${one.node.nodeIdHex}`],
      after: good,
    })
    expect(faultsOf(good.replace(`"${one.node.nodeIdHex}"`, `"0x${one.node.nodeIdHex.toUpperCase()}"`)).faults).toEqual(
      [],
    )
    expect(faultsOf(good.replace('"seq": 2', '"seq": 1'))).toEqual({
      faults: [`node "${two.node.nodeIdHex}": "seq" is not that of its record`],
      after: good,
    })
    expect(faultsOf(good.replace(`"record": "${last?.node.record?.text}"`, `"record": "${unreadable}"`))).toMatchObject(
      {
        faults: [
          `node "${last?.node.nodeIdHex}": ENR_VALUE, expected an unsigned integer up to 65535 as udp; it is left out`,
        ],
        after: formatNodeSet(setOf(last === one ? two : one)),
      },
    )
    expect(faultsOf(good.replace('"seq": 1,', '"seq": 1, "score": null, "more": [1],'))).toEqual({
      faults: [],
      after: good,
    })
    expect(faultsOf(good.replace(`"firstResponse": "0001-01-01T00:00:00Z"`, '"firstResponse": null'))).toEqual({
      faults: [],
      after: good,
    })
  })

  test('does not go on for ever about what is wrong', () => {
    const many = setOf(...Array.from({ length: 30 }, (_, index) => entry(index + 1)))
    const faults: string[] = []
    parseNodeSet(formatNodeSet(many).replaceAll(/"seq": \d+/g, '"seq": 99'), crypto, (fault) => faults.push(fault))
    expect(faults).toHaveLength(21)
    expect(faults[20]).toBe('and 10 more')
  })

  test("says which entry is not right, and why, where geth's tools refuse the file or break", () => {
    const one = entry(1)
    const good = formatNodeSet(setOf(one))
    const cases: readonly (readonly [string, string])[] = [
      ['[]', 'the file: expected an object'],
      ['{', 'not JSON'],
      ['{"__proto__": {"record": 1}}', 'node "__proto__": expected a record'],
      [good.replace(one.node.nodeIdHex, 'ab'), 'node "ab": expected a node\'s ID'],
      [good.replace('"seq": 1', '"seq": "1"'), 'expected a number as "seq"'],
      [good.replace('"seq": 1', '"seq": -1'), 'expected a number as "seq"'],
      [good.replace('"seq": 1', '"seq": 1, "score": 1.5'), 'expected a whole number as score'],
      [good.replace('0001-01-01T00:00:00Z', 'yesterday'), 'firstResponse: expected a time such as'],
      [good.replace('enr:-', 'enr:'), 'ENR_'],
      [good.replace('"record"', '"recorder"'), 'expected a record'],
      [`{"${one.node.nodeIdHex}": null}`, 'expected an object'],
    ]
    for (const [text, message] of cases) {
      const error = expect.objectContaining({ code: 'NODE_FILE', message: expect.stringContaining(message) })
      expect(() => parseNodeSet(text, crypto), text).toThrow(error)
    }
  })
})

describe('the file of a node set', () => {
  const unheard = (): void => undefined

  test('is replaced whole, through a link too, and leaves nothing beside it', async () => {
    const directory = await temporaryDirectory()
    const [path, linked, other] = ['nodes.json', 'link.json', 'hard.json'].map((name) => join(directory, name))
    await writeNodeSet(path as string, setOf(entry(1)))
    await symlink(path as string, linked as string)
    await link(path as string, other as string)
    await writeNodeSet(linked as string, setOf(entry(1), entry(2)))
    expect((await readNodeSet(path as string, crypto, unheard)).size).toBe(2)
    expect((await readNodeSet(linked as string, crypto, unheard)).size).toBe(2)
    // Replaced, not written into.
    expect((await readNodeSet(other as string, crypto, unheard)).size).toBe(1)
    expect((await readdir(directory)).sort()).toEqual(['hard.json', 'link.json', 'nodes.json'])
  })

  test('is named where it cannot be read or written', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'nodes.json')
    await expect(readNodeSet(path, crypto, unheard)).rejects.toThrow(`there is no file ${path}`)
    await expect(readNodeSet(directory, crypto, unheard)).rejects.toThrow('no plain file')
    await writeFile(path, '{"ab": 1}')
    const error = { code: 'NODE_FILE', message: `${path}: node "ab": expected an object` }
    await expect(readNodeSet(path, crypto, unheard)).rejects.toMatchObject(error)
    await expect(writeNodeSet(join(path, 'a'), new Map())).rejects.toMatchObject({ code: 'NODE_FILE' })
    expect(await readFile(path, 'utf8')).toBe('{"ab": 1}')
  })
})
