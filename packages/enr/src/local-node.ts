import { pureCrypto } from '@ethwire/crypto'
import type { Clock } from '@ethwire/io'
import { toIp } from '@ethwire/netutil'
import { formatEnode } from './enode-url.ts'
import { ip6Entry, ipEntry, udp6Entry, udpEntry } from './entries.ts'
import type { EntryValue, RecordEntry } from './entry.ts'
import { EnrError } from './errors.ts'
import { type NodeAddress, nodeFromRecord } from './node-address.ts'
import { type CryptoOption, formatNodeId, type NodeId, nodeIdFromPublicKey } from './node-id.ts'
import { maxRecordBytes, type NodeRecord, signRecord } from './record.ts'

/** Keeps the sequence number of the local record over restarts. */
export interface SequenceStore {
  /** The number saved last, or `undefined`. */
  load(nodeId: NodeId): bigint | undefined | Promise<bigint | undefined>
  save(nodeId: NodeId, seq: bigint): void | Promise<void>
}

export interface LocalNodeOptions extends CryptoOption {
  /** 32 bytes. */
  privateKey: Uint8Array
  /** Without one, each start begins with the time. */
  sequenceStore?: SequenceStore
  clock: Pick<Clock, 'now'>
}

/** An address that other nodes have seen us at. */
export interface PredictedEndpoint {
  readonly ip: string
  readonly udpPort: number
}

/**
 * The node that this process is: the one owner of its record. A change is free until somebody asks for the record, which
 * is then signed anew under the next sequence number.
 */
export interface LocalNode {
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly nodeId: NodeId
  readonly nodeIdHex: string
  /** The record as it is now. */
  readonly record: NodeRecord
  /** The sequence number of `record`. */
  readonly seq: bigint
  /** The node as others would dial it. */
  readonly address: NodeAddress
  /** `address` as a URL. */
  readonly enode: string
  /**
   * Sets an entry: a port, a protocol's entry.
   * @throws TypeError for keys that the node rules itself: those of identity, of IP addresses and of UDP ports
   * @throws EnrError `ENR_TOO_LARGE` when the record would have more than 300 bytes; then nothing has changed
   */
  set<T>(entry: RecordEntry<T>, value: T): void
  delete(entry: RecordEntry<unknown>): void
  /** An address known for sure, in the place of any prediction. One for each family; `undefined` takes it away. */
  setStaticIp(ip: string): void
  clearStaticIp(family: 4 | 6): void
  /** What other nodes say: comes after a static address, before the fallback. */
  setPredictedEndpoint(endpoint: PredictedEndpoint): void
  clearPredictedEndpoint(family: 4 | 6): void
  /** The address when nothing better is known. */
  setFallbackIp(ip: string): void
  /** The UDP port when none is predicted; for both families. */
  setFallbackUdp(port: number): void
  /** Calls back after each change of the record's content. Returns how to stop it. */
  onChange(listener: () => void): () => void
  /** Waits until the sequence number is saved; rejects when the store has failed to since the last call. */
  flush(): Promise<void>
}

interface FamilyEndpoint {
  staticIp?: string
  predicted?: PredictedEndpoint
  fallbackIp?: string
  fallbackUdp: number
}

const ruledKeys: ReadonlySet<string> = new Set(['id', 'secp256k1', 'ip', 'ip6', 'udp', 'udp6'])

/** Makes the local node: loads its sequence number, signs nothing yet. @throws CryptoError `CRYPTO_PRIVATE_KEY` */
export async function createLocalNode(options: LocalNodeOptions): Promise<LocalNode> {
  const { sequenceStore, clock, crypto = pureCrypto } = options
  const privateKey = options.privateKey.slice()
  const publicKey = crypto.publicKey(privateKey)
  const nodeId = nodeIdFromPublicKey(publicKey, { crypto })
  const saved = await sequenceStore?.load(nodeId)

  // The time at first: higher than any number of a record whose store was lost, if the clock is right (EIP-778 leaves it
  // open; geth does so).
  let nextSeq = saved === undefined ? BigInt(Math.max(0, Math.trunc(clock.now()))) : saved + 1n
  let record: NodeRecord | undefined
  let saving: Promise<void> = Promise.resolve()
  let saveFailure: { cause: unknown } | undefined
  // bounded: by the 300 bytes of a record
  let entries = new Map<string, EntryValue>()
  let endpoints: Record<4 | 6, FamilyEndpoint> = { 4: { fallbackUdp: 0 }, 6: { fallbackUdp: 0 } }
  // bounded: one for each part of the process that shares the node
  const listeners = new Set<() => void>()

  const save = (seq: bigint): void => {
    if (sequenceStore === undefined) return
    saving = saving
      .then(() => sequenceStore.save(nodeId, seq))
      .catch((cause: unknown) => {
        saveFailure = { cause }
      })
  }

  const current = (): NodeRecord => {
    if (record === undefined) {
      const seq = nextSeq
      record = signRecord({ seq, entries: entries.values(), privateKey, crypto })
      nextSeq = seq + 1n
      save(seq)
    }
    return record
  }

  /** Takes over new entries if they differ and fit. */
  const replace = (changed: Map<string, EntryValue>): void => {
    const same =
      changed.size === entries.size &&
      [...changed.values()].every(({ key, value }) => isSame(entries.get(key)?.value, value))
    if (same) return
    checkSize(changed.values())
    entries = changed
    record = undefined
    for (const listener of [...listeners]) listener()
  }

  const updateEndpoints = (): void => {
    const four = choose(endpoints[4])
    const six = choose(endpoints[6])
    const changed = new Map(entries)
    const put = <T>(entry: RecordEntry<T>, value: T | undefined): void => {
      if (value === undefined) changed.delete(entry.key)
      else changed.set(entry.key, entry.of(value))
    }
    put(ipEntry, four.ip)
    put(ip6Entry, six.ip)
    put(udpEntry, four.udpPort === 0 ? undefined : four.udpPort)
    // `udp` stands for both families where they have one port.
    put(udp6Entry, six.udpPort === 0 || six.udpPort === four.udpPort ? undefined : six.udpPort)
    replace(changed)
  }

  const changeEndpoints = (change: (endpoints: Record<4 | 6, FamilyEndpoint>) => void): void => {
    const before = endpoints
    endpoints = { 4: { ...before[4] }, 6: { ...before[6] } }
    change(endpoints)
    try {
      updateEndpoints()
    } catch (error) {
      endpoints = before
      throw error
    }
  }

  return {
    publicKey,
    nodeId,
    nodeIdHex: formatNodeId(nodeId),
    get record() {
      return current()
    },
    get seq() {
      return current().seq
    },
    get address() {
      return nodeFromRecord(current())
    },
    get enode() {
      return formatEnode(nodeFromRecord(current()))
    },
    set(entry, value) {
      checkRuled(entry.key)
      replace(new Map(entries).set(entry.key, entry.of(value)))
    },
    delete(entry) {
      checkRuled(entry.key)
      const changed = new Map(entries)
      changed.delete(entry.key)
      replace(changed)
    },
    setStaticIp(text) {
      const ip = toIp(text)
      changeEndpoints((changed) => {
        changed[ip.family].staticIp = ip.text
      })
    },
    clearStaticIp(family) {
      changeEndpoints((changed) => {
        delete changed[family].staticIp
      })
    },
    setPredictedEndpoint(predicted) {
      const ip = toIp(predicted.ip)
      changeEndpoints((changed) => {
        changed[ip.family].predicted = { ip: ip.text, udpPort: predicted.udpPort }
      })
    },
    clearPredictedEndpoint(family) {
      changeEndpoints((changed) => {
        delete changed[family].predicted
      })
    },
    setFallbackIp(text) {
      const ip = toIp(text)
      changeEndpoints((changed) => {
        changed[ip.family].fallbackIp = ip.text
      })
    },
    setFallbackUdp(port) {
      changeEndpoints((changed) => {
        changed[4].fallbackUdp = port
        changed[6].fallbackUdp = port
      })
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async flush() {
      await saving
      if (saveFailure !== undefined) {
        const { cause } = saveFailure
        saveFailure = undefined
        throw cause
      }
    },
  }
}

/** Static before predicted before fallback; a static address has the fallback's port, which is the one listened on. */
function choose(endpoint: FamilyEndpoint): { ip: string | undefined; udpPort: number } {
  const { staticIp, predicted, fallbackIp, fallbackUdp } = endpoint
  const ip = staticIp ?? predicted?.ip ?? fallbackIp
  const udpPort = staticIp === undefined && predicted !== undefined ? predicted.udpPort : fallbackUdp
  return { ip: ip === '0.0.0.0' || ip === '::' ? undefined : ip, udpPort }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index])
}

function checkRuled(key: string): void {
  if (ruledKeys.has(key)) {
    throw new TypeError(`the local node rules ${key} itself: use setStaticIp, setFallbackIp or setFallbackUdp`)
  }
}

/** What a record has beside the pairs: header, signature, a full sequence number, id and public key. */
const fixedBytes = 3 + 66 + 9 + 6 + 44

function checkSize(entries: Iterable<EntryValue>): void {
  let size = fixedBytes
  for (const { key, value } of entries) size += 1 + key.length + value.length
  if (size > maxRecordBytes) {
    throw new EnrError('ENR_TOO_LARGE', `a record has at most ${maxRecordBytes} bytes, this one could have ${size}`)
  }
}
