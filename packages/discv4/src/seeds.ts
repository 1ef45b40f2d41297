import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, parseNode } from '@ethwire/enr'
import type { Logger, Resolver } from '@ethwire/io'
import { parseIp } from '@ethwire/netutil'
import type { Deadlines } from './deadlines.ts'
import type { NodeDatabase } from './node-database.ts'
import type { NodeInput } from './options.ts'
import type { Transport } from './transport.ts'

/** Nodes taken from the database at a refresh, and how old their last pong may be (geth's values). */
const seedCount = 30
const seedMaxAgeMs = 5 * 24 * 60 * 60 * 1000

/** How long a refresh waits for the database, and for the addresses of a name (geth's value for names). */
const maxReadMs = 2000
const maxResolveMs = 5000

export interface SeedsOptions {
  readonly bootnodes: readonly NodeInput[]
  readonly database: NodeDatabase | undefined
  readonly resolver: Resolver
  readonly deadlines: Deadlines
  readonly transport: Transport
  readonly crypto: Crypto
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Where a table begins, and begins again: bootnodes and what the database remembers. */
export class Seeds {
  readonly #options: SeedsOptions
  readonly #bootnodes: readonly NodeAddress[]

  /** @throws EnrError for a bootnode that is no node */
  constructor(options: SeedsOptions) {
    this.#options = options
    this.#bootnodes = options.bootnodes.map((node) => toNode(node, options.crypto))
  }

  /** Whether there may be any. */
  get areThere(): boolean {
    return this.#bootnodes.length > 0 || this.#options.database !== undefined
  }

  async load(): Promise<NodeAddress[]> {
    const [remembered, ...bootnodes] = await Promise.all([
      this.#remembered(),
      ...this.#bootnodes.map((node) => this.#located(node)),
    ])
    const nodes = [...remembered, ...bootnodes.filter((node) => node !== undefined)]
    return nodes.filter((node) => this.#isReachable(node))
  }

  async #remembered(): Promise<readonly NodeAddress[]> {
    const { database, deadlines, logger, signal } = this.#options
    if (database === undefined) return []
    try {
      const seeds = await deadlines.within(maxReadMs, database.seeds({ count: seedCount, maxAgeMs: seedMaxAgeMs }))
      if (seeds !== undefined) return seeds
      if (!signal.aborted) logger.warn({}, 'The node database has no seeds to give: it takes too long')
    } catch (err) {
      logger.warn({ err }, 'The node database has no seeds to give: it cannot be read')
    }
    return []
  }

  #isReachable(node: NodeAddress): boolean {
    try {
      this.#options.transport.reach(node)
      return true
    } catch (err) {
      if (this.#bootnodes.includes(node)) {
        this.#options.logger.warn({ err, nodeId: node.nodeIdHex }, 'A bootnode is not to be reached')
      }
      return false
    }
  }

  /** A bootnode at an address: its name is looked up anew at each refresh. */
  async #located(node: NodeAddress): Promise<NodeAddress | undefined> {
    const { resolver, deadlines, transport, logger, signal } = this.#options
    const { host, udpPort, tcpPort } = node
    if (host === undefined || parseIp(host) !== undefined || host.includes(':')) return node
    try {
      const addresses = await deadlines.within(maxResolveMs, resolver.addresses(host, { signal }))
      const ip = addresses?.find((address) => transport.reaches(address))
      if (ip !== undefined) return { ...node, host: ip, endpoints: [{ host: ip, udpPort, tcpPort }] }
      logger.warn({ host }, 'The name of a bootnode has no address that this node can reach')
    } catch (err) {
      if (!signal.aborted) logger.warn({ err, host }, 'The name of a bootnode was not found')
    }
    return undefined
  }
}

/** A node in any of its forms. @throws EnrError */
export function toNode(node: NodeInput, crypto: Crypto): NodeAddress {
  return typeof node === 'string' ? parseNode(node, { crypto }) : node
}
