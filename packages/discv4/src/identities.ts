import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { decodeRecord, formatNodeId, type NodeAddress, type NodeRecord, nodeFromRecord } from '@ethwire/enr'

/** A public key with what is calculated from it, once. */
export interface Identity {
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly nodeId: Uint8Array
  /** The node ID as 64 hex digits. */
  readonly nodeIdHex: string
}

/** Where a node is, as discovery v4 says it. */
export interface PlainEndpoint {
  readonly ip: string
  readonly udpPort: number
  readonly tcpPort: number
}

/**
 * Remembers what was calculated for public keys: node IDs, whether the key is on the curve, the node's address and record
 * as they were last. The same node is then the same object wherever it is met, and a record is checked once.
 */
export interface Identities {
  /** How many keys are remembered. */
  readonly size: number
  /** The key's identity. Whether it is on the curve is not looked at: whoever signed a packet is. */
  of(publicKey: Uint8Array): Identity
  /** The key's identity, or `undefined` when it is not on the curve. */
  checked(publicKey: Uint8Array): Identity | undefined
  /** The node at an endpoint, without a record: the object of the last call if nothing has changed. */
  node(identity: Identity, endpoint: PlainEndpoint): NodeAddress
  /**
   * A record that a node gave as its own, read and checked unless it is the one that the node gave last. It may be another
   * node's: its ID tells.
   * @throws EnrError
   */
  record(identity: Identity, bytes: Uint8Array): RecordNode
}

/** A node with a record. */
export type RecordNode = NodeAddress & { readonly record: NodeRecord }

export interface IdentitiesOptions {
  readonly crypto?: Crypto
  /** Keys that are remembered; the first to come is the first to go. Default 4,096. */
  readonly maxKeys?: number
}

interface Known extends Identity {
  /** The one with the same first 4 bytes that came before it. */
  readonly next: Known | undefined
  isOnCurve: boolean | undefined
  node: NodeAddress | undefined
  recordNode: RecordNode | undefined
}

/** Keys with the same first 4 bytes that are remembered at once. They have to be sought: 2^32 tries for each. */
const maxSamePrefix = 4

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function chainLength(known: Known | undefined): number {
  let length = 0
  for (let at = known; at !== undefined; at = at.next) length++
  return length
}

function prefixOf(publicKey: Uint8Array): number {
  return (
    ((publicKey[0] as number) << 24) |
    ((publicKey[1] as number) << 16) |
    ((publicKey[2] as number) << 8) |
    (publicKey[3] as number)
  )
}

/**
 * Makes an {@link Identities}. Engines of one process may share it, if they share the crypto too.
 *
 * @throws RangeError when it is to remember nothing
 */
export function createIdentities(options: IdentitiesOptions = {}): Identities {
  const { crypto = pureCrypto, maxKeys = 4096 } = options
  if (!Number.isInteger(maxKeys) || maxKeys < 1) throw new RangeError(`maxKeys is at least 1, got ${maxKeys}`)
  // By the first 4 bytes of the key, as a number: no string is made for each packet.
  // bounded: maxKeys, of which at most maxSamePrefix have one prefix
  const byPrefix = new Map<number, Known>()
  let size = 0

  const forgetOldest = (): void => {
    for (const [prefix, known] of byPrefix) {
      byPrefix.delete(prefix)
      size -= chainLength(known)
      return
    }
  }

  const find = (publicKey: Uint8Array): Known => {
    const prefix = prefixOf(publicKey)
    for (let known = byPrefix.get(prefix); known !== undefined; known = known.next) {
      if (isSame(known.publicKey, publicKey)) return known
    }
    if (publicKey.length !== 64) throw new RangeError(`a public key has 64 bytes, got ${publicKey.length}`)
    // A copy: the key may be a view into a packet.
    const kept = publicKey.slice()
    const nodeId = crypto.keccak256(kept)
    if (size >= maxKeys) forgetOldest()
    const next = byPrefix.get(prefix)
    const known: Known = {
      publicKey: kept,
      nodeId,
      nodeIdHex: formatNodeId(nodeId),
      next,
      isOnCurve: undefined,
      node: undefined,
      recordNode: undefined,
    }
    if (chainLength(next) < maxSamePrefix) {
      byPrefix.set(prefix, known)
      size++
    }
    return known
  }

  /** What is known of an identity that may be another engine's, or forgotten meanwhile. */
  const known = (identity: Identity): Known =>
    'recordNode' in identity ? (identity as Known) : find(identity.publicKey)

  return {
    get size() {
      return size
    },
    of: find,
    checked(publicKey) {
      const found = find(publicKey)
      found.isOnCurve ??= crypto.isPublicKey(found.publicKey)
      return found.isOnCurve ? found : undefined
    },
    node(identity, { ip, udpPort, tcpPort }) {
      const found = known(identity)
      const last = found.node
      if (last !== undefined && last.host === ip && last.udpPort === udpPort && last.tcpPort === tcpPort) return last
      const { publicKey, nodeId, nodeIdHex } = found
      const endpoints = [{ host: ip, tcpPort, udpPort }]
      const node: NodeAddress = { publicKey, nodeId, nodeIdHex, endpoints, host: ip, tcpPort, udpPort }
      found.node = node
      return node
    },
    record(identity, bytes) {
      const found = known(identity)
      if (found.recordNode !== undefined && isSame(found.recordNode.record.bytes, bytes)) return found.recordNode
      const record = decodeRecord(bytes, { crypto })
      const node = nodeFromRecord(record) as RecordNode
      if (node.nodeIdHex === found.nodeIdHex) found.recordNode = node
      return node
    },
  }
}
