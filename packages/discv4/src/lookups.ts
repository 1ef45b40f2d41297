import type { Crypto } from '@ethwire/crypto'
import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Logger, onAbort, type SocketEndpoint } from '@ethwire/io'
import { bucketSize, createLookup, type Lookup, type Table } from '@ethwire/kbucket'
import { bucketSubnetRules, createSubnetLimits } from '@ethwire/netutil'
import type { Bonds } from './bonds.ts'
import { Discv4Error } from './errors.ts'
import type { Requests } from './requests.ts'
import type { Transport } from './transport.ts'

export interface LookupsOptions {
  readonly self: string
  readonly crypto: Crypto
  readonly clock: Clock
  readonly table: Table<NodeAddress>
  readonly transport: Transport
  readonly requests: Requests
  readonly bonds: Bonds
  readonly logger: Logger
  /** Nodes that were found. */
  heard(nodes: readonly NodeAddress[]): void
  /** A query has changed the table. */
  queried(): void
}

/** Lookups of this node. */
export class Lookups {
  readonly #options: LookupsOptions
  // bounded: by those under way; each has three queries
  readonly #running = new Set<LookupRun>()
  #isClosed = false

  constructor(options: LookupsOptions) {
    this.#options = options
  }

  /** Begins a lookup for 64 bytes. It goes on as far as it is asked to. */
  start(target: Uint8Array, signal?: AbortSignal): LookupRun {
    const run: LookupRun = new LookupRun(target, this.#options, signal, () => this.#running.delete(run))
    if (this.#isClosed) run.stop()
    else this.#running.add(run)
    return run
  }

  /** A lookup to its end, or until the signal aborts. */
  async run(target: Uint8Array, signal?: AbortSignal): Promise<LookupRun> {
    const run = this.start(target, signal)
    while ((await run.advance()) !== undefined);
    return run
  }

  close(): void {
    this.#isClosed = true
    for (const run of [...this.#running]) run.stop()
  }
}

/** A lookup under way. */
export class LookupRun {
  readonly #options: LookupsOptions
  readonly #target: Uint8Array
  readonly #lookup: Lookup<NodeAddress>
  readonly #onEnd: () => void
  readonly #begin: readonly NodeAddress[]
  readonly #forget: (() => void) | undefined
  // bounded: by the 256 queries of a lookup, 16 nodes each
  #arrived: NodeAddress[] = []
  #isStopped = false
  #answers = 0
  #wake: (() => void) | undefined

  constructor(target: Uint8Array, options: LookupsOptions, signal: AbortSignal | undefined, onEnd: () => void) {
    const { table, crypto, self } = options
    this.#options = options
    this.#target = target
    this.#onEnd = onEnd
    const id = crypto.keccak256(target)
    this.#begin = table.closest(id, bucketSize)
    // As many of a network as a bucket takes: else one address with thousands of IDs would be all that is found.
    const limits = createSubnetLimits({ rules: bucketSubnetRules })
    this.#lookup = createLookup({
      target: id,
      start: this.#begin,
      idOf: (node) => node.nodeId,
      keyOf: (node) => node.nodeIdHex,
      self,
      accepts: ({ host }) => host !== undefined && limits.add(host) === undefined,
    })
    this.#forget = signal && onAbort(signal, () => this.stop())
    if (signal?.aborted) this.stop()
  }

  /** The nodes that the lookup begins with. */
  get begin(): readonly NodeAddress[] {
    return this.#begin
  }

  get queries(): number {
    return this.#lookup.queries
  }

  /** Queries that found nodes, new or not. */
  get answers(): number {
    return this.#answers
  }

  get hops(): number {
    return this.#lookup.hops
  }

  result(): NodeAddress[] {
    return this.#lookup.result()
  }

  /** Goes on until nodes were found that are new; `undefined` when there are no more. */
  async advance(): Promise<NodeAddress[] | undefined> {
    for (;;) {
      if (this.#arrived.length > 0) return this.#arrived.splice(0)
      if (this.#isStopped) return undefined
      for (let node = this.#lookup.next(); node !== undefined; node = this.#lookup.next()) void this.#query(node)
      if (this.#lookup.isDone) {
        this.stop()
        return undefined
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Asks nobody any more. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#forget?.()
    this.#onEnd()
    this.#wake?.()
  }

  /** Asks a node, and keeps what came of it. Never rejects. */
  async #query(node: NodeAddress): Promise<void> {
    const { transport, requests, clock, table, bonds, logger, heard, queried } = this.#options
    let found: NodeAddress[] | undefined
    let to: SocketEndpoint | undefined
    try {
      to = transport.reach(node)
      found = await requests.findNode(node, to, this.#target)
    } catch (error) {
      if (!(error instanceof Discv4Error)) logger.error({ err: error }, 'A node could not be asked')
      // Not the node's fault.
      else if (error.code === 'DISCV4_CLOSED' || error.code === 'DISCV4_BUSY') {
        this.#lookup.failed(node.nodeIdHex)
        this.#wake?.()
        return
      }
    }
    // An answer without nodes is as good as none (geth).
    const isUseful = found !== undefined && found.length > 0
    if (isUseful) this.#answers++
    table.queried(node.nodeId, isUseful, clock.monotonicMs())
    if (to !== undefined) bonds.found(node, to, isUseful)
    if (found === undefined) {
      this.#lookup.failed(node.nodeIdHex)
    } else {
      this.#arrived.push(...this.#lookup.answered(node.nodeIdHex, found))
      heard(found)
    }
    queried()
    this.#wake?.()
  }
}
