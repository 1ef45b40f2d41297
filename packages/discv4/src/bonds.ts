import type { NodeAddress } from '@ethwire/enr'
import type { Clock, SocketEndpoint } from '@ethwire/io'
import type { AddressHash } from './address-hash.ts'
import type { NodeDatabase } from './node-database.ts'
import { endpointWordOf, ProofRows } from './proof-rows.ts'

/** How long an endpoint proof holds (geth's value; the specification has 12 h). */
const bondMs = 24 * 60 * 60 * 1000

/** Findnode requests in a row that failed, after which the next begins with a ping once more (geth's value). */
const manyFailures = 5
/** Counted as far as three bits do. */
const failureBits = 3
const maxFailures = 2 ** failureBits - 1

/** A node by its ID: `nodeId` are the 32 bytes that `nodeIdHex` writes. */
type NodeKey = Pick<NodeAddress, 'nodeId' | 'nodeIdHex'>

/**
 * Endpoint proofs, each bound to a node's ID and IP address; in the LAN and on this machine a new port may have to be proven
 * anew. Only a verified pong makes one: a ping can be replayed from any address. A proof is 16 bytes, found by salted
 * hashes, with 32 bits of the node and its address and some of the network: whoever wants to pass for another has to try,
 * and never learns what came of it.
 */
export class Bonds {
  readonly #clock: Clock
  readonly #database: NodeDatabase | undefined
  readonly #hash: AddressHash
  // By the second of the last pong. A row's own word is that of the last ping that had our pong, and in the lower bits the
  // findnode requests in a row that failed. bounded: 16,384 rows, of a network 16
  readonly #rows = new ProofRows(bondMs / 1000)

  constructor(clock: Clock, database: NodeDatabase | undefined, hash: AddressHash) {
    this.#clock = clock
    this.#database = database
    this.#hash = hash
  }

  /** Proofs remembered. What the node database knows of those that had to go is asked again. */
  get size(): number {
    return this.#rows.size
  }

  get memoryBytes(): number {
    return this.#rows.memoryBytes
  }

  /** From 1. */
  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / 1000) + 1
  }

  #endpoint({ ip, port }: SocketEndpoint): number {
    return endpointWordOf(this.#hash.ofEndpoint(ip, port), this.#hash.ofNetwork(ip, port))
  }

  #find({ nodeId }: NodeKey, at: SocketEndpoint): number {
    return this.#rows.find(this.#hash.ofNode(nodeId, at.ip), this.#endpoint(at))
  }

  /** Whether the node has proven this address within 24 h of this run. */
  isProven(node: NodeKey, at: SocketEndpoint): boolean {
    const row = this.#find(node, at)
    return row !== -1 && this.#rows.isAlive(row, this.#now())
  }

  /** As `isProven`, earlier runs included: at once where nothing has to be read. */
  wasProven(node: NodeKey, at: SocketEndpoint): boolean | Promise<boolean> {
    if (this.isProven(node, at)) return true
    return this.#isRecent(this.#database?.lastPong(node.nodeIdHex, at.ip))
  }

  /**
   * Whether the node has had a pong of ours within 24 h, so that it answers our requests. One that has not answered several
   * may have forgotten it.
   */
  hasOurProof(node: NodeKey, at: SocketEndpoint): boolean | Promise<boolean> {
    const row = this.#find(node, at)
    const word = row === -1 ? undefined : this.#rows.own(row)
    const known = word === undefined ? undefined : failuresOf(word)
    if (known !== undefined && known > manyFailures) return false
    if (word !== undefined && pingAtOf(word) !== 0 && this.#now() - pingAtOf(word) < bondMs / 1000) return true
    const hasPinged = this.#isRecent(this.#database?.lastPing(node.nodeIdHex, at.ip))
    const failures = known ?? this.#database?.findFailures(node.nodeIdHex, at.ip) ?? 0
    if (typeof hasPinged === 'boolean' && typeof failures === 'number') return hasPinged && failures <= manyFailures
    return Promise.all([hasPinged, failures]).then(
      ([pinged, count]) => pinged && count <= manyFailures,
      () => false,
    )
  }

  #isRecent(atMs: number | Promise<number> | undefined): boolean | Promise<boolean> {
    if (atMs === undefined) return false
    const nowMs = this.#clock.now()
    const isRecent = (ms: number): boolean => ms > 0 && Math.abs(nowMs - ms) < bondMs
    // A database that cannot be read proves nothing.
    return typeof atMs === 'number' ? isRecent(atMs) : atMs.then(isRecent, () => false)
  }

  /** Whether somebody has proven this endpoint within 24 h: whose packets have the larger budget. */
  isProvenEndpoint(at: SocketEndpoint): boolean {
    return this.#rows.hasEndpoint(this.#endpoint(at), this.#now())
  }

  /**
   * A pong has come that answers a ping of ours. `pingedUs`: the node has pinged us meanwhile, and had our pong.
   * @returns whether there was no proof of it at this address, which is forgotten with others when there are too many
   */
  pong(node: NodeAddress, at: SocketEndpoint, pingedUs: boolean): boolean {
    const rows = this.#rows
    const nowSeconds = this.#now()
    const isNew = this.#find(node, at) === -1
    const row = rows.put(this.#hash.ofNode(node.nodeId, at.ip), this.#endpoint(at), nowSeconds)
    if (pingedUs) rows.setOwn(row, ownOf(nowSeconds, failuresOf(rows.own(row))))
    const database = this.#database
    if (database === undefined) return isNew
    const { nodeIdHex } = node
    const atMs = this.#clock.now()
    // The times first: a node without a pong would be the first to be thrown out.
    database.setLastPong(nodeIdHex, at.ip, atMs)
    if (pingedUs) database.setLastPing(nodeIdHex, at.ip, atMs)
    // Each time: the database may have forgotten it meanwhile for others, who come and go.
    database.putNode(node)
    return isNew
  }

  /** A node with a proven endpoint has pinged us from there, and we have answered. */
  ping(node: NodeKey, at: SocketEndpoint): void {
    const row = this.#find(node, at)
    if (row === -1) return
    this.#rows.setOwn(row, ownOf(this.#now(), failuresOf(this.#rows.own(row))))
    this.#database?.setLastPing(node.nodeIdHex, at.ip, this.#clock.now())
  }

  /** How a findnode request ended. The node's failures in a row are kept. */
  found(node: NodeKey, at: SocketEndpoint, isUseful: boolean): void {
    const row = this.#find(node, at)
    if (row === -1) {
      // That it had a pong of an earlier run is of no use where it knew us at another endpoint: the next begins with a ping.
      if (!isUseful) this.#database?.setLastPing(node.nodeIdHex, at.ip, 0)
      return
    }
    const word = this.#rows.own(row)
    const failures = isUseful ? 0 : Math.min(failuresOf(word) + 1, maxFailures)
    if (failures === failuresOf(word)) return
    this.#rows.setOwn(row, ownOf(pingAtOf(word), failures))
    this.#database?.setFindFailures(node.nodeIdHex, at.ip, failures)
  }
}

function ownOf(pingAtSeconds: number, failures: number): number {
  return (pingAtSeconds << failureBits) | failures
}

function pingAtOf(word: number): number {
  return word >>> failureBits
}

function failuresOf(word: number): number {
  return word & maxFailures
}
