import type { Crypto } from '@ethwire/crypto'
import { decodeRecord, EnrError, formatEnode, maxRecordBytes, nodeFromRecord } from '@ethwire/enr'
import { ipFromBytes } from '@ethwire/netutil'
import { bytes, decode, listItems, RlpError, u64 } from '@ethwire/rlp-codec'
import { NodeError } from '../errors.ts'
import { seqJson } from '../json-text.ts'

/** A record to look at, whether its signature is right or not. */
export interface ShownRecord {
  readonly seq: bigint
  /** By key, each character a byte; values as RLP. */
  readonly pairs: readonly (readonly [string, Uint8Array])[]
  /** Absent for a record that is not valid. */
  readonly identity?: { readonly nodeId: string; readonly enode: string; readonly text: string }
  /** Why it is not. */
  readonly problem?: string
}

/**
 * Reads a record and checks it; one that is invalid is still taken apart if it has the form of one.
 * @throws NodeError `NODE_RECORD` for bytes that are no record
 */
export function inspectRecord(source: Uint8Array, crypto: Crypto): ShownRecord {
  let seq: bigint
  let pairs: ShownRecord['pairs']
  try {
    const [signature, seqItem, ...items] = listItems(source, maxRecordBytes)
    if (signature === undefined || seqItem === undefined || items.length % 2 !== 0)
      throw new NodeError('NODE_RECORD', 'INVALID: expected a signature, a sequence number and pairs of key and value')
    seq = decode(u64, seqItem)
    pairs = pairsOf(items)
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new NodeError('NODE_RECORD', `INVALID: no record: ${error.message}`, { cause: error })
  }
  try {
    const record = decodeRecord(source, { crypto })
    const { nodeIdHex, text } = record
    return { seq, pairs, identity: { nodeId: nodeIdHex, enode: formatEnode(nodeFromRecord(record)), text } }
  } catch (error) {
    if (!(error instanceof EnrError)) throw error
    return { seq, pairs, problem: error.message }
  }
}

function pairsOf(items: readonly Uint8Array[]): ShownRecord['pairs'] {
  const pairs: [string, Uint8Array][] = []
  for (let index = 0; index < items.length; index += 2) {
    const key = decode(bytes(maxRecordBytes), items[index] as Uint8Array)
    pairs.push([Buffer.from(key).toString('latin1'), items[index + 1] as Uint8Array])
  }
  return pairs
}

/** As geth's `devp2p enrdump` prints it. */
export function recordText({ seq, pairs, identity, problem }: ShownRecord): string {
  const width = Math.max(0, ...pairs.map(([key]) => key.length))
  return [
    ...(identity === undefined
      ? [`INVALID: ${problem}`]
      : [`Node ID: ${identity.nodeId}`, `URLv4:   ${identity.enode}`]),
    `Record has sequence number ${seq} and ${pairs.length} key/value pairs.`,
    ...pairs.map(([key, value]) => `  ${quoted(key)}${' '.repeat(width - key.length + 1)}${shownValue(key, value)}`),
  ].join('\n')
}

/** For programs; the values of known keys as they are meant, all values as RLP. */
export function recordJson({ seq, pairs, identity, problem }: ShownRecord): object {
  return {
    valid: identity !== undefined,
    ...(problem === undefined ? {} : { problem }),
    ...(identity === undefined ? {} : { nodeId: identity.nodeId, enode: identity.enode, enr: identity.text }),
    seq: seqJson(seq),
    entries: pairs.map(([key, value]) => {
      const meaning = meaningOf(key, value)
      return { key, rlp: `0x${hex(value)}`, ...(meaning === undefined ? {} : { value: meaning }) }
    }),
  }
}

function shownValue(key: string, value: Uint8Array): string {
  const meaning = meaningOf(key, value)
  if (typeof meaning === 'number' || typeof meaning === 'bigint') return meaning.toString()
  if (meaning !== undefined) return key === 'id' ? quoted(meaning) : meaning
  const content = knownKeys.has(key) ? undefined : stringOf(value)
  // A list, or what a known key cannot have.
  return content === undefined ? `${hex(value)} (!)` : hex(content)
}

const ports: ReadonlySet<string> = new Set(['tcp', 'tcp6', 'udp', 'udp6'])
const knownKeys: ReadonlySet<string> = new Set(['id', 'ip', 'ip6', ...ports])

/** What a value of EIP-778's own keys stands for. */
function meaningOf(key: string, value: Uint8Array): string | number | undefined {
  const content = stringOf(value)
  if (content === undefined) return undefined
  if (key === 'id') return Buffer.from(content).toString('latin1')
  if (key === 'ip' || key === 'ip6')
    return content.length === 4 || content.length === 16 ? ipFromBytes(content).text : undefined
  if (!ports.has(key) || content[0] === 0 || content.length > 6) return undefined
  return content.reduce((number, byte) => number * 256 + byte, 0)
}

function stringOf(value: Uint8Array): Uint8Array | undefined {
  try {
    return decode(bytes(maxRecordBytes), value)
  } catch {
    return undefined
  }
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

/** As Go quotes: what could steer a terminal is written out. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]|[^ -~]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })}"`
}
