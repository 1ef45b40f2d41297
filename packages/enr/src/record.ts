import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { bytes, decode, encodeBytes, encodeList, encodeUint, listItems, u64 } from '@ethwire/rlp-codec'
import { bytesToHex } from '@noble/hashes/utils.js'
import { base64urlnopad } from '@scure/base'
import { idEntry, ownEntries, secp256k1Entry, udp6Entry, udpEntry } from './entries.ts'
import { checkKey, type EntryValue, forbiddenKey, type RecordEntry } from './entry.ts'
import { EnrError } from './errors.ts'
import { type CryptoOption, type NodeId, nodeIdFromPublicKey } from './node-id.ts'

/** The most bytes that a record may have (EIP-778). */
export const maxRecordBytes = 300

const maxTextLength = 'enr:'.length + Math.ceil((maxRecordBytes * 4) / 3)

/** A signed node record whose signature is right. It never changes. */
export interface NodeRecord {
  readonly seq: bigint
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly nodeId: NodeId
  /** The node ID as 64 hex digits, for keys of maps. */
  readonly nodeIdHex: string
  /** The whole record as RLP. */
  readonly bytes: Uint8Array
  /** `enr:…` */
  readonly text: string
  /** All values as RLP by key, known keys or not. bounded: by the 300 bytes of a record */
  readonly entries: ReadonlyMap<string, Uint8Array>
  /** The value of an entry; `undefined` when the record has none, or one that the entry's schema can't read. */
  get<T>(entry: RecordEntry<T>): T | undefined
}

export interface DecodeRecordOptions extends CryptoOption {
  /** Refuses a record without a UDP port, of which discovery could make nothing. EIP-778 permits it. */
  requireUdp?: boolean
}

const toKey = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const fromKey = (key: string): Uint8Array => Uint8Array.from(key, (character) => character.charCodeAt(0))

function readOr<T>(entry: RecordEntry<T>, value: Uint8Array | undefined): T | undefined {
  if (value === undefined) return undefined
  try {
    // A copy: schemas read views, and the record never changes.
    return decode(entry.schema, value.slice())
  } catch {
    return undefined
  }
}

function createRecord(
  raw: Uint8Array,
  seq: bigint,
  entries: ReadonlyMap<string, Uint8Array>,
  publicKey: Uint8Array,
  crypto: Crypto,
): NodeRecord {
  const nodeId = nodeIdFromPublicKey(publicKey, { crypto })
  let text: string | undefined
  return {
    seq,
    publicKey,
    nodeId,
    nodeIdHex: bytesToHex(nodeId),
    bytes: raw,
    get text() {
      text ??= `enr:${base64urlnopad.encode(raw)}`
      return text
    },
    entries,
    get: (entry) => readOr(entry, entries.get(entry.key)),
  }
}

/** Runs a step of reading; what the RLP reader throws is the record's fault. */
function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new EnrError('ENR_RLP', `${what}: ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause })
  }
}

function readPairs(items: readonly Uint8Array[]): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>()
  let previous: string | undefined
  for (let index = 0; index < items.length; index += 2) {
    const key = reading('a key', () => toKey(decode(bytes(maxRecordBytes), items[index] as Uint8Array)))
    // Keys are compared as bytes; each character is one.
    if (previous !== undefined && key <= previous) {
      if (key === previous) throw new EnrError('ENR_KEY_TWICE', `the key ${JSON.stringify(key)} comes twice`)
      throw new EnrError('ENR_KEY_ORDER', `the key ${JSON.stringify(key)} comes after ${JSON.stringify(previous)}`)
    }
    if (key === forbiddenKey) throw new EnrError('ENR_KEY_FORBIDDEN', `no record has a key ${key}`)
    entries.set(key, items[index + 1] as Uint8Array)
    previous = key
  }
  return entries
}

function readPublicKey(entries: ReadonlyMap<string, Uint8Array>, crypto: Crypto): Uint8Array {
  const compressed = readOr(secp256k1Entry, entries.get(secp256k1Entry.key))
  if (compressed === undefined) throw new EnrError('ENR_PUBLIC_KEY', 'the record has no public key')
  try {
    return crypto.decompressPublicKey(compressed)
  } catch (cause) {
    throw new EnrError('ENR_PUBLIC_KEY', 'the public key is no point of the curve', { cause })
  }
}

function checkOwnEntries(entries: ReadonlyMap<string, Uint8Array>): void {
  for (const entry of ownEntries) {
    const value = entries.get(entry.key)
    if (value !== undefined && readOr(entry, value) === undefined) {
      throw new EnrError('ENR_VALUE', `expected ${entry.schema.expects} as ${entry.key}`)
    }
  }
}

/**
 * Reads a record and checks all of it: form, order, the values of EIP-778's own keys, the signature. Cheap checks come
 * first, so that no key is recovered for a record that is none.
 *
 * @throws EnrError
 */
export function decodeRecord(source: Uint8Array, options: DecodeRecordOptions = {}): NodeRecord {
  const { crypto = pureCrypto, requireUdp = false } = options
  if (source.length > maxRecordBytes) {
    throw new EnrError('ENR_TOO_LARGE', `a record has at most ${maxRecordBytes} bytes, got ${source.length}`)
  }
  // A copy: the record is kept, and what it was read from may be written to again.
  const raw = source.slice()
  const items = reading('the record', () => listItems(raw, maxRecordBytes))
  const [signatureItem, seqItem, ...pairs] = items
  if (signatureItem === undefined || seqItem === undefined || pairs.length % 2 !== 0) {
    throw new EnrError('ENR_INCOMPLETE', 'expected a signature, a sequence number and pairs of key and value')
  }
  const signature = reading('the signature', () => decode(bytes(maxRecordBytes), signatureItem))
  const seq = reading('the sequence number', () => decode(u64, seqItem))
  const entries = readPairs(pairs)
  const scheme = readOr(idEntry, entries.get(idEntry.key))
  if (scheme !== 'v4') throw new EnrError('ENR_SCHEME', `expected the identity scheme v4, got ${scheme ?? 'none'}`)
  if (signature.length !== 64) {
    throw new EnrError('ENR_SIGNATURE', `expected a signature of 64 bytes, got ${signature.length}`)
  }
  checkOwnEntries(entries)
  if (requireUdp && !readOr(udpEntry, entries.get('udp')) && !readOr(udp6Entry, entries.get('udp6'))) {
    throw new EnrError('ENR_NO_UDP', 'the record has no UDP port')
  }
  const publicKey = readPublicKey(entries, crypto)
  const hash = crypto.keccak256(encodeList(items.slice(1)))
  if (!crypto.verify(hash, signature, publicKey)) {
    throw new EnrError('ENR_SIGNATURE', 'the signature is not by the key in the record')
  }
  return createRecord(raw, seq, entries, publicKey, crypto)
}

/**
 * Reads `enr:` and unpadded base64url.
 *
 * @throws EnrError
 */
export function parseRecord(text: string, options: DecodeRecordOptions = {}): NodeRecord {
  if (text.length > maxTextLength)
    throw new EnrError('ENR_TOO_LARGE', `a record has at most ${maxTextLength} characters`)
  if (!text.startsWith('enr:')) throw new EnrError('ENR_TEXT', 'expected text that begins with enr:')
  let raw: Uint8Array
  try {
    raw = base64urlnopad.decode(text.slice('enr:'.length))
  } catch (cause) {
    throw new EnrError('ENR_TEXT', 'expected base64url without padding after enr:', { cause })
  }
  return decodeRecord(raw, options)
}

export interface SignRecordOptions extends CryptoOption {
  /** From 0 to 2^64 − 1. */
  seq: bigint
  /** `id` and `secp256k1` are added. In any order; no key twice. */
  entries: Iterable<EntryValue>
  /** 32 bytes. */
  privateKey: Uint8Array
}

/** Sorted pairs of a record that is not signed yet. */
function sortPairs(entries: Iterable<EntryValue>, publicKeyEntry: EntryValue): EntryValue[] {
  const byKey = new Map<string, EntryValue>()
  for (const entry of [idEntry.of('v4'), publicKeyEntry, ...entries]) {
    checkKey(entry.key)
    if (byKey.has(entry.key)) throw new TypeError(`the key ${entry.key} comes twice`)
    byKey.set(entry.key, entry)
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/**
 * Makes a record and signs it with the v4 scheme.
 *
 * @throws EnrError `ENR_TOO_LARGE`
 * @throws CryptoError `CRYPTO_PRIVATE_KEY`
 * @throws TypeError, RangeError for a key that comes twice or a sequence number out of range
 *
 * @example
 * import { ipEntry, parseRecord, signRecord, udpEntry } from '@ethwire/enr'
 *
 * const privateKey = new Uint8Array(32).fill(1)
 * const record = signRecord({ seq: 1n, entries: [ipEntry.of('127.0.0.1'), udpEntry.of(30303)], privateKey })
 * console.log(parseRecord(record.text).get(udpEntry)) // 30303
 */
export function signRecord(options: SignRecordOptions): NodeRecord {
  const { seq, privateKey, crypto = pureCrypto } = options
  if (seq < 0n || seq >= 1n << 64n) throw new RangeError(`a sequence number has 64 bits, got ${seq}`)
  const publicKey = crypto.publicKey(privateKey)
  const pairs = sortPairs(options.entries, secp256k1Entry.of(crypto.compressPublicKey(publicKey)))
  const content = [encodeUint(seq), ...pairs.flatMap(({ key, value }) => [encodeBytes(fromKey(key)), value])]
  const signature = crypto.sign(crypto.keccak256(encodeList(content)), privateKey).subarray(0, 64)
  const raw = encodeList([encodeBytes(signature), ...content])
  if (raw.length > maxRecordBytes) {
    throw new EnrError(
      'ENR_TOO_LARGE',
      `a record has at most ${maxRecordBytes} bytes, this one would have ${raw.length}`,
    )
  }
  const entries = new Map(pairs.map(({ key, value }) => [key, value]))
  checkOwnEntries(entries)
  return createRecord(raw, seq, entries, publicKey, crypto)
}
