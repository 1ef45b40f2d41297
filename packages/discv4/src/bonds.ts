import type { NodeAddress } from '@ethwire/enr'
import type { Clock } from '@ethwire/io'
import type { AddressHash } from './address-hash.ts'
import type { NodeDatabase } from './node-database.ts'

/** How long an endpoint proof holds (geth's value; the specification has 12 h). */
const bondMs = 24 * 60 * 60 * 1000

/** Endpoints remembered; those heard of longest ago go first. What the node database knows of them is asked again then. */
const maxBonds = 16_384

/** Findnode requests in a row that failed, after which the next begins with a ping once more (geth's value). */
const manyFailures = 5

/** A node whose endpoint is proven: times in whole monotonic ms, which take no memory of their own. */
interface Bond {
  readonly ip: string
  readonly endpoint: number
  /** Its last pong: until 24 h later we answer it. */
  pongAtMs: number
  /** Its last ping, after which it had our pong: until 24 h later it answers us. */
  pingAtMs: number
  findFailures: number
}

const never = Number.MIN_SAFE_INTEGER

/**
 * Endpoint proofs, each bound to a node's ID and IP address. Only a verified pong makes one: a ping can be replayed from
 * any address. One endpoint for each ID, the one proven last.
 */
export class Bonds {
  readonly #clock: Clock
  readonly #database: NodeDatabase | undefined
  readonly #hash: AddressHash
  // By node ID. bounded: maxBonds, LRU by proof
  readonly #bonds = new Map<string, Bond>()
  // The last pong by hash of address and port: two that share one only share a budget. bounded: by the bonds
  readonly #endpoints = new Map<number, number>()

  constructor(clock: Clock, database: NodeDatabase | undefined, hash: AddressHash) {
    this.#clock = clock
    this.#database = database
    this.#hash = hash
  }

  get size(): number {
    return this.#bonds.size
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs())
  }

  #at(nodeIdHex: string, ip: string): Bond | undefined {
    const bond = this.#bonds.get(nodeIdHex)
    return bond?.ip === ip ? bond : undefined
  }

  /** Whether the node has proven this address within 24 h of this run. */
  isProven(nodeIdHex: string, ip: string): boolean {
    const bond = this.#at(nodeIdHex, ip)
    return bond !== undefined && this.#now() - bond.pongAtMs < bondMs
  }

  /** The address that a node has proven. */
  provenIp(nodeIdHex: string): string | undefined {
    const ip = this.#bonds.get(nodeIdHex)?.ip
    return ip !== undefined && this.isProven(nodeIdHex, ip) ? ip : undefined
  }

  /** As `isProven`, earlier runs included: at once where nothing has to be read. */
  wasProven(nodeIdHex: string, ip: string): boolean | Promise<boolean> {
    if (this.isProven(nodeIdHex, ip)) return true
    return this.#isRecent(this.#database?.lastPong(nodeIdHex, ip))
  }

  /**
   * Whether the node has had a pong of ours within 24 h, so that it answers our requests. One that has not answered several
   * may have forgotten it.
   */
  hasOurProof(nodeIdHex: string, ip: string): boolean | Promise<boolean> {
    const bond = this.#at(nodeIdHex, ip)
    if (bond !== undefined && bond.findFailures > manyFailures) return false
    if (bond !== undefined && this.#now() - bond.pingAtMs < bondMs) return true
    const hasPinged = this.#isRecent(this.#database?.lastPing(nodeIdHex, ip))
    const failures = bond?.findFailures ?? this.#database?.findFailures(nodeIdHex, ip) ?? 0
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
  isProvenEndpoint(ip: string, port: number): boolean {
    const pongAtMs = this.#endpoints.get(this.#hash.ofEndpoint(ip, port))
    return pongAtMs !== undefined && this.#now() - pongAtMs < bondMs
  }

  /**
   * A pong has come that answers a ping of ours. `pingedUs`: the node has pinged us meanwhile, and had our pong.
   * @returns whether the node was not known here
   */
  pong(node: NodeAddress, ip: string, port: number, pingedUs: boolean): boolean {
    const { nodeIdHex } = node
    const nowMs = this.#now()
    const known = this.#bonds.get(nodeIdHex)
    const endpoint = this.#hash.ofEndpoint(ip, port)
    this.#bonds.delete(nodeIdHex)
    if (known?.ip === ip && known.endpoint === endpoint) {
      known.pongAtMs = nowMs
      if (pingedUs) known.pingAtMs = nowMs
      this.#bonds.set(nodeIdHex, known)
      // Another ID that had it, too, may have taken it away.
      this.#endpoints.set(endpoint, nowMs)
    } else {
      if (known !== undefined) this.#endpoints.delete(known.endpoint)
      const pingAtMs = pingedUs ? nowMs : never
      this.#bonds.set(nodeIdHex, { ip, endpoint, pongAtMs: nowMs, pingAtMs, findFailures: 0 })
      this.#endpoints.set(endpoint, nowMs)
      if (this.#bonds.size > maxBonds) this.#forgetOldest()
    }
    const database = this.#database
    if (database !== undefined) {
      const atMs = this.#clock.now()
      // The times first: a node without a pong would be the first to be thrown out.
      database.setLastPong(nodeIdHex, ip, atMs)
      if (pingedUs) database.setLastPing(nodeIdHex, ip, atMs)
      if (known === undefined) database.putNode(node)
    }
    return known === undefined
  }

  /** A node with a proven endpoint has pinged us from there, and we have answered. */
  ping(nodeIdHex: string, ip: string): void {
    const bond = this.#at(nodeIdHex, ip)
    if (bond === undefined) return
    bond.pingAtMs = this.#now()
    this.#database?.setLastPing(nodeIdHex, ip, this.#clock.now())
  }

  /** How a findnode request ended. The node's failures in a row are kept. */
  found(nodeIdHex: string, ip: string, isUseful: boolean): void {
    const bond = this.#at(nodeIdHex, ip)
    if (bond === undefined || (isUseful && bond.findFailures === 0)) return
    bond.findFailures = isUseful ? 0 : bond.findFailures + 1
    this.#database?.setFindFailures(nodeIdHex, ip, bond.findFailures)
  }

  #forgetOldest(): void {
    for (const [nodeIdHex, { endpoint }] of this.#bonds) {
      this.#bonds.delete(nodeIdHex)
      this.#endpoints.delete(endpoint)
      return
    }
  }
}
