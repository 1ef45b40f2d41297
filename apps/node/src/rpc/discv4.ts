import type { Explanation } from '@ethwire/discv4'
import { type LocalNode, type NodeAddress, parseNode } from '@ethwire/enr'
import type { Clock } from '@ethwire/io'
import type { BucketSnapshot, TableNode } from '@ethwire/kbucket'
import { nodeText } from '../discv4/node-json.ts'
import { expectArgument, type RpcNamespace, taking } from './methods.ts'
import { rpcError } from './rpc-error.ts'

/** Discovery at work, as this namespace needs it. */
export interface RpcDiscovery {
  readonly localNode: Pick<LocalNode, 'record'>
  table(): readonly BucketSnapshot<NodeAddress>[]
  randomNodes(options: { signal: AbortSignal; records: false }): AsyncIterable<NodeAddress>
  explain(nodeIdHex: string): Explanation
}

export interface Discv4NamespaceOptions {
  /** Undefined where the node has none: then each method says so. */
  readonly discovery: RpcDiscovery | undefined
  readonly clock: Clock
}

/** As geth's `devp2p discv4 listen` has it. */
const maxLookupResults = 256
/** A caller over HTTP has gone by then. */
const maxLookupMs = 25_000
/** Each is a walk of its own through the network. */
const maxLookups = 8

/** The `discv4` namespace: `self`, `buckets` and `lookupRandom` of geth's `devp2p discv4 listen`, and `explain`. */
export function discv4Namespace({ discovery, clock }: Discv4NamespaceOptions): RpcNamespace {
  let lookups = 0
  const running = (): RpcDiscovery => {
    if (discovery === undefined) throw rpcError('failed', 'this node has no discovery v4')
    return discovery
  }
  return {
    self: taking(0, () => running().localNode.record.text),
    buckets: taking(0, () =>
      running()
        .table()
        .map(({ nodes }) => nodes.map((node) => bucketNode(node, clock))),
    ),
    lookupRandom: taking(1, async ([count]) => {
      expectArgument(count, 0)
      if (!Number.isSafeInteger(count) || (count as number) < 0) {
        throw rpcError('params', 'invalid argument 0: expected a whole number that is not negative')
      }
      const walked = running()
      if (lookups >= maxLookups) throw rpcError('failed', `${maxLookups} lookups are running already`)
      lookups += 1
      try {
        return await walk(walked, Math.min(count as number, maxLookupResults), clock)
      } finally {
        lookups -= 1
      }
    }),
    explain: taking(1, ([node]) => explained(running().explain(idOf(node)), clock)),
  }
}

/** A node of the table in geth's form. */
interface BucketNode {
  readonly node: string
  readonly addedToTable: string
  readonly addedToBucket: string
  readonly checks: number
  readonly live: boolean
}

function bucketNode(node: TableNode<NodeAddress>, clock: Clock): BucketNode {
  // The table counts from a start of its own.
  const zeroMs = clock.now() - clock.monotonicMs()
  const time = (monotonicMs: number): string => new Date(zeroMs + monotonicMs).toISOString()
  return {
    ...{ node: nodeText(node.entry), addedToTable: time(node.addedAtMs), addedToBucket: time(node.inBucketAtMs) },
    ...{ checks: node.checks, live: node.isLive },
  }
}

/** What `discv4_explain` answers. */
export interface ExplainedNode {
  readonly id: string
  readonly place: Explanation['place']
  /** Where it has proven to be, within 24 h. */
  readonly provenIp?: string
  readonly node?: BucketNode & { readonly queryFailures: number }
  /** The oldest first; `count` is how many times in a row, and `time` the last of them. */
  readonly events: readonly {
    readonly time: string
    readonly event: string
    readonly rule: string
    readonly detail?: string
    readonly count: number
  }[]
}

function explained({ nodeIdHex, place, node, provenIp, events }: Explanation, clock: Clock): ExplainedNode {
  return {
    ...{ id: nodeIdHex, place },
    ...(provenIp === undefined ? {} : { provenIp }),
    ...(node === undefined ? {} : { node: { ...bucketNode(node, clock), queryFailures: node.queryFailures } }),
    events: events.map(({ atMs, ...rest }) => ({ time: new Date(atMs).toISOString(), ...rest })),
  }
}

/** Up to `count` nodes; a node that comes again counts, as in geth, so that a small network is no endless walk. */
async function walk(discovery: RpcDiscovery, count: number, clock: Clock): Promise<string[]> {
  // bounded: maxLookupResults
  const found = new Map<string, string>()
  if (count === 0) return []
  const late = new AbortController()
  const timer = clock.setTimer(maxLookupMs, () => late.abort())
  let seen = 0
  try {
    for await (const node of discovery.randomNodes({ signal: late.signal, records: false })) {
      found.set(node.nodeIdHex, nodeText(node))
      seen += 1
      if (seen >= count) break
    }
  } catch (error) {
    if (!late.signal.aborted) throw error
  } finally {
    timer.cancel()
  }
  return [...found.values()]
}

/** More than the longest record or URL. */
const maxLength = 1024

/** A node's ID in hex, from that or from the node itself. */
function idOf(node: unknown): string {
  expectArgument(node, 0)
  if (typeof node === 'string' && node.length <= maxLength) {
    const id = /^(?:0x)?([0-9a-f]{64})$/i.exec(node)?.[1]
    if (id !== undefined) return id.toLowerCase()
    if (/^en(r:|ode:)/.test(node)) {
      try {
        return parseNode(node).nodeIdHex
      } catch {
        // Said below.
      }
    }
  }
  throw rpcError('params', 'invalid argument 0: expected a node ID of 64 hex digits, an enode URL or a node record')
}
