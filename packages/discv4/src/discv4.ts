import { pureCrypto } from '@ethwire/crypto'
import { createLocalNode, type LocalNode, type NodeAddress, type NodeRecord } from '@ethwire/enr'
import { type DatagramSocket, noMetrics, type SocketEndpoint, silentLogger } from '@ethwire/io'
import { bindDatagram, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import type { BucketSnapshot } from '@ethwire/kbucket'
import { isUnspecified } from '@ethwire/netutil'
import { startEngine } from './engine.ts'
import type { Explanation } from './history.ts'
import type { Discv4Options, NodeInput } from './options.ts'

/** Options of calls that can be given up. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A ping's answer. */
export interface Pong {
  readonly rttMs: number
  /** The sequence number of the node's record, if it told one. */
  readonly enrSeq: bigint | undefined
  /** Where the node saw our ping come from. */
  readonly seenAt: { readonly ip: string | undefined; readonly udpPort: number }
}

/** What a lookup took. */
export interface LookupCost {
  /** Nodes that were asked. */
  readonly queries: number
  /** The longest chain of nodes of which each was found by the one before. */
  readonly hops: number
}

export interface LookupOptions extends CallOptions {
  /** Called with what it took when the lookup is over. */
  readonly onDone?: (cost: LookupCost) => void
}

/** Options of walks. */
export interface WalkOptions extends CallOptions {
  /** Fetches each node's record, so that there is a `node.enr`; nodes that give none are left out. Default true. */
  readonly records?: boolean
}

/** Node discovery v4 at work. */
export interface Discv4 {
  readonly name: 'discv4'
  readonly localNode: LocalNode
  /** Where the socket is bound. */
  readonly local: SocketEndpoint
  /** Resolves when the first refresh is over, or discovery was closed. */
  readonly ready: Promise<void>
  /** Asks whether a node is there: half a second at most. @throws Discv4Error */
  ping(node: NodeInput, options?: CallOptions): Promise<Pong>
  /** The node's record, asked of the node itself. @throws Discv4Error */
  requestEnr(node: NodeInput, options?: CallOptions): Promise<NodeRecord>
  /** The nodes near to a target, 64 bytes, that a node knows: up to 16, in at most 1.5 s. @throws Discv4Error */
  findNode(node: NodeInput, target: Uint8Array, options?: CallOptions): Promise<NodeAddress[]>
  /** A node with its newest record: from itself, from where the table has it, from where a lookup finds it. */
  resolve(node: NodeInput, options?: CallOptions): Promise<NodeAddress | undefined>
  /** The nodes of the network that are nearest to a target, 64 bytes: up to 16, the nearest first. */
  lookup(target: Uint8Array, options?: LookupOptions): Promise<NodeAddress[]>
  /** The nodes that it was told to begin with. */
  readonly bootnodes: readonly NodeAddress[]
  /** Up to `count` random nodes of the table. */
  readRandomNodes(count: number): NodeAddress[]
  /** Walks the network by lookups for random targets, at least a second apart, as fast as it is read; ends at `close`. */
  randomNodes(options?: WalkOptions): AsyncIterable<NodeAddress>
  /** `randomNodes` with records: candidates to dial. */
  nodes(options?: CallOptions): AsyncIterable<NodeAddress>
  /** The 17 buckets with all that is known of their nodes. */
  table(): BucketSnapshot<NodeAddress>[]
  /**
   * What has become of a node here: the last of what was decided about it, when, and by which rule.
   * @throws TypeError when that is no node ID
   */
  explain(nodeIdHex: string): Explanation
  /** Begins with the seeds again and looks up new neighbours; one that runs already is joined. */
  refresh(): Promise<void>
  /** Stops within a second: requests are given up, walks end. The socket is closed unless it was given. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts node discovery v4: binds a socket, begins with bootnodes and the node database, answers others.
 *
 * @throws EnrError for a bootnode that is no node
 * @throws IoError when the socket cannot be bound
 * @throws CryptoError `CRYPTO_PRIVATE_KEY`
 *
 * @example
 * import { createDiscv4 } from '@ethwire/discv4'
 *
 * const listen = { host: '127.0.0.1' }
 * const bootnode = await createDiscv4({ privateKey: new Uint8Array(32).fill(1), listen })
 * const discovery = await createDiscv4({
 *   privateKey: new Uint8Array(32).fill(2),
 *   listen,
 *   bootnodes: [bootnode.localNode.enode],
 * })
 * for await (const node of discovery.randomNodes()) {
 *   console.log(node.enr)
 *   break
 * }
 * await discovery.close()
 * await bootnode.close()
 */
export async function createDiscv4(options: Discv4Options): Promise<Discv4> {
  const { privateKey, crypto = pureCrypto, clock = nodeClock, random = nodeRandom, signal } = options
  signal?.throwIfAborted()
  const nodeDatabase = await options.nodeDatabase
  const localNode = options.localNode ?? (await createLocalNode({ privateKey, clock, crypto }))
  const { host = '0.0.0.0', port = 0 } = options.listen ?? {}
  const socket = options.socket ?? (await (options.bind ?? bindDatagram)({ ip: host, port }))
  try {
    signal?.throwIfAborted()
    if (options.localNode === undefined) locate(localNode, socket)
    return startEngine({
      ...options,
      localNode,
      socket,
      ownsSocket: options.socket === undefined,
      nodeDatabase,
      crypto,
      clock,
      random,
      resolver: options.resolver ?? nodeResolver,
      logger: options.logger ?? silentLogger,
      metrics: options.metrics ?? noMetrics,
    })
  } catch (error) {
    if (options.socket === undefined) await socket.close()
    throw error
  }
}

/** Where a local node of our own is, as long as nobody else says: where it is bound (geth: on this machine). */
function locate(localNode: LocalNode, socket: DatagramSocket): void {
  const { ip, port } = socket.local
  localNode.setFallbackIp(isUnspecified(ip) ? '127.0.0.1' : ip)
  localNode.setFallbackUdp(port)
}
