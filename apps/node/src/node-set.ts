import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import type { Crypto } from '@ethwire/crypto'
import { EnrError, type EnrErrorCode, formatEnode, type NodeAddress, parseNode } from '@ethwire/enr'
import { codeOf, NodeError, reasonOf } from './errors.ts'
import { writeNewFile } from './new-file.ts'

/** What a crawler knows of a node. Times are unix time in milliseconds, absent for never. */
export interface NodeSetEntry {
  readonly node: NodeAddress
  /** One up for each check that it passed, halved by each that it did not. */
  readonly score: number
  readonly firstResponseMs?: number | undefined
  readonly lastResponseMs?: number | undefined
  readonly lastCheckMs?: number | undefined
}

/** Nodes by their IDs in hex: geth's `nodes.json`. bounded: 100,000 nodes in a file */
export type NodeSet = Map<string, NodeSetEntry>

/** All of mainnet's discovery is some ten thousand nodes, of less than 700 bytes each. */
export const maxNodeSetSize: number = 100_000
const maxFileBytes = 80 * 1024 * 1024

/** Entries of which it is told what is wrong with them, one by one; of the rest how many they are. */
const maxTold = 20

/** As geth reads one. */
const idPattern = /^(0x)?[0-9a-fA-F]{64}$/

/** What cannot be in a record of ours, and is no matter to geth's tools. */
const valueCodes: readonly EnrErrorCode[] = ['ENR_VALUE', 'ENR_KEY_FORBIDDEN']

/**
 * Reads a set of nodes as geth's `devp2p` writes them. Every record's signature is checked. What geth's tools do not mind in
 * an entry is told, and the others are read all the same: a wrong ID or sequence number, for which the record has the right
 * one; a record with a value that cannot be, which is left out.
 * @param tell takes a line for each such entry, 21 at most
 * @throws NodeError `NODE_FILE` with the node's ID
 */
export function parseNodeSet(text: string, crypto: Crypto, tell: (fault: string) => void = () => undefined): NodeSet {
  const json = parseJson(text)
  // Go writes a set that is none so.
  if (json === null) return new Map()
  const entries = Object.entries(objectOf(json, 'the file'))
  if (entries.length > maxNodeSetSize) throw problem(`expected at most ${maxNodeSetSize} nodes, got ${entries.length}`)
  const set: NodeSet = new Map()
  let faults = 0
  const fault = (what: string): void => {
    if (++faults <= maxTold) tell(what)
  }
  for (const [key, value] of entries) {
    const where = `node ${JSON.stringify(key.slice(0, 66))}`
    const fields = objectOf(value, where)
    const node = parseRecord(fields.record, where, crypto, fault)
    if (!idPattern.test(key)) throw problem(`${where}: expected a node's ID, 64 hex digits`)
    if (node === undefined) continue
    const { nodeIdHex } = node
    if (key.replace(/^0x/, '').toLowerCase() !== nodeIdHex) fault(`${where}: its record is of ${nodeIdHex}`)
    set.set(nodeIdHex, parseEntry(fields, node, where, fault))
  }
  if (faults > maxTold) tell(`and ${faults - maxTold} more`)
  return set
}

/** The set as geth writes it, to the byte: sorted by ID, four blanks, no line break at the end. */
export function formatNodeSet(set: ReadonlyMap<string, NodeSetEntry>): string {
  const ids = [...set.keys()].sort()
  if (ids.length === 0) return '{}'
  return `{\n${ids.map((id) => formatEntry(id, set.get(id) as NodeSetEntry)).join(',\n')}\n}`
}

/** @param tell takes what is wrong with entries, as lines with the file's name. @throws NodeError `NODE_FILE` */
export async function readNodeSet(path: string, crypto: Crypto, tell: (fault: string) => void): Promise<NodeSet> {
  const text = await readText(path)
  try {
    return parseNodeSet(text, crypto, (fault) => tell(`${path}: ${fault}`))
  } catch (error) {
    throw error instanceof NodeError ? new NodeError(error.code, `${path}: ${error.message}`, { cause: error }) : error
  }
}

/** Replaces the file, whole or not at all. @throws NodeError `NODE_FILE` */
export async function writeNodeSet(path: string, set: ReadonlyMap<string, NodeSetEntry>): Promise<void> {
  const content = (async function* () {
    yield Buffer.from(formatNodeSet(set))
  })()
  // Where the name is a link, what it leads to is replaced, as by writing in place.
  const target = await realpath(path).catch(() => path)
  await writeNewFile(target, content, { force: true, code: 'NODE_FILE' })
}

/** The node of a record; `undefined` for one that has a value which cannot be. */
function parseRecord(
  record: unknown,
  where: string,
  crypto: Crypto,
  fault: (what: string) => void,
): NodeAddress | undefined {
  if (typeof record !== 'string') throw problem(`${where}: expected a record`)
  try {
    return parseNode(record, { crypto })
  } catch (error) {
    if (!(error instanceof EnrError)) throw error
    const what = `${where}: ${error.code}, ${error.message}`
    if (!valueCodes.includes(error.code)) throw problem(what, error)
    fault(`${what}; it is left out`)
    return undefined
  }
}

function parseEntry(
  fields: Readonly<Record<string, unknown>>,
  node: NodeAddress,
  where: string,
  fault: (what: string) => void,
): NodeSetEntry {
  // Nothing, as Go reads it.
  const seq = fields.seq ?? 0
  const score = fields.score ?? 0
  if (typeof seq !== 'number' || !Number.isInteger(seq) || seq < 0)
    throw problem(`${where}: expected a number as "seq"`)
  if (!Number.isSafeInteger(score)) throw problem(`${where}: expected a whole number as score`)
  // A number of JSON is exact up to 2^53 only; the record itself says it all.
  if (seq !== Number(node.record?.seq ?? 0n)) fault(`${where}: "seq" is not that of its record`)
  return {
    node,
    score: score as number,
    firstResponseMs: parseTime(fields.firstResponse, `${where}: firstResponse`),
    lastResponseMs: parseTime(fields.lastResponse, `${where}: lastResponse`),
    lastCheckMs: parseTime(fields.lastCheck, `${where}: lastCheck`),
  }
}

function formatEntry(id: string, entry: NodeSetEntry): string {
  const { node, score } = entry
  const fields = [
    `"seq": ${node.record?.seq ?? 0n}`,
    `"record": ${JSON.stringify(node.record?.text ?? formatEnode(node))}`,
    ...(score === 0 ? [] : [`"score": ${score}`]),
    `"firstResponse": "${formatTime(entry.firstResponseMs)}"`,
    `"lastResponse": "${formatTime(entry.lastResponseMs)}"`,
    `"lastCheck": "${formatTime(entry.lastCheckMs)}"`,
  ]
  return `    "${id}": {\n${fields.map((field) => `        ${field}`).join(',\n')}\n    }`
}

/** The time that is none in Go. */
const zeroTime = '0001-01-01T00:00:00Z'

/** RFC 3339, as Go writes times; finer parts than milliseconds are dropped. */
function parseTime(value: unknown, where: string): number | undefined {
  if (value === undefined || value === null || value === zeroTime) return undefined
  const isTime =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value)
  const ms = isTime ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw problem(`${where}: expected a time such as 2026-01-31T12:00:00Z`)
  return ms
}

function formatTime(ms: number | undefined): string {
  return ms === undefined ? zeroTime : new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw problem(`not JSON: ${reasonOf(error)}`, error)
  }
}

function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem(`${where}: expected an object`)
  return value as Record<string, unknown>
}

async function readText(path: string): Promise<string> {
  try {
    // Without waiting for a writer where it is a pipe.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await file.stat()
    if (!found.isFile()) throw problem(`cannot read ${path}: it is no plain file`)
    if (found.size > maxFileBytes) throw problem(`${path}: expected at most ${maxFileBytes} bytes, got ${found.size}`)
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof NodeError) throw error
    if (codeOf(error) === 'ENOENT') throw problem(`there is no file ${path}`, error)
    throw problem(`cannot read ${path}: ${reasonOf(error)}`, error)
  }
}

function problem(message: string, cause?: unknown): NodeError {
  return new NodeError('NODE_FILE', message, { cause })
}
