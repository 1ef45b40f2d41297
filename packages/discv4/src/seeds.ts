import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, parseNode } from '@ethwire/enr'
import type { Logger, Resolver } from '@ethwire/io'
import { parseIp } from '@ethwire/netutil'
import type { NodeDatabase } from './node-database.ts'
import type { NodeInput } from './options.ts'
import type { Transport } from './transport.ts'

/** Nodes taken from the database at a refresh, and how old their last pong may be (geth's values). */
const seedCount = 30
const seedMaxAgeMs = 5 * 24 * 60 * 60 * 1000

export interface SeedsOptions {
  readonly bootnodes: readonly NodeInput[]
  readonly database: NodeDatabase | undefined
  readonly resolver: Resolver
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
    const { database, logger } = this.#options
    const nodes: NodeAddress[] = []
    try {
      nodes.push(...((await database?.seeds({ count: seedCount, maxAgeMs: seedMaxAgeMs })) ?? []))
    } catch (err) {
      logger.warn({ err }, 'The node database has no seeds to give: it cannot be read')
    }
    for (const bootnode of await Promise.all(this.#bootnodes.map((node) => this.#located(node)))) {
      if (bootnode !== undefined) nodes.push(bootnode)
    }
    return nodes.filter((node) => this.#isReachable(node))
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
    const { resolver, transport, logger, signal } = this.#options
    const { host, udpPort, tcpPort } = node
    if (host === undefined || parseIp(host) !== undefined || host.includes(':')) return node
    try {
      const ip = (await resolver.addresses(host, { signal })).find((address) => transport.reaches(address))
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
