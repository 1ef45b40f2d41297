import type { NodeAddress } from '@ethwire/enr'
import type { Logger } from '@ethwire/io'
import type { ConnectedNodes } from './connected-nodes.ts'
import { addressRefusal } from './dial-addresses.ts'
import type { DialHistory } from './dial-history.ts'
import type { DialRefusal } from './dial-refusal.ts'
import type { DialSchedulerOptions, NodeDialState } from './dial-scheduling.ts'
import type { RefusalCounts } from './refusal-counts.ts'
import { addressesOf, type StaticNode, type StaticNodes } from './static-nodes.ts'

/** Why nodes are not dialled. */
export interface Refusing {
  /** Why a node may not be dialled now, by the rules in geth's order; `staticNode` if it is one. */
  refusalOf(node: NodeAddress, staticNode?: StaticNode): DialRefusal | undefined
  /** Counts that a node is not dialled, and tells of it. */
  refuse(node: NodeAddress, reason: DialRefusal): void
  /** Milliseconds that a node is left alone. */
  waitMs(nodeId: string): number
  /** How it stands with a node of which no more than its ID may be known. */
  stateOf(nodeId: string): NodeDialState
}

export interface RefusingOptions {
  readonly options: Pick<DialSchedulerOptions, 'self' | 'netRestrict' | 'reputation' | 'onRefused'>
  readonly statics: StaticNodes
  readonly connected: Pick<ConnectedNodes, 'state'>
  readonly history: Pick<DialHistory, 'waitMs' | 'hasBeenPeer'>
  readonly refusals: Pick<RefusalCounts, 'add'>
  isDialing(nodeId: string): boolean
  readonly logger: Logger
}

export function createRefusing(of: RefusingOptions): Refusing {
  const { statics, connected, history, refusals, isDialing, logger } = of
  const { self, netRestrict, reputation, onRefused } = of.options

  /** Who has been a peer is not left alone for failures: it comes back when the network does. */
  function waitMs(nodeId: string): number {
    const backoffMs =
      history.hasBeenPeer(nodeId) || statics.get(nodeId) !== undefined ? 0 : reputation?.backoffMs(nodeId)
    return Math.max(history.waitMs(nodeId), backoffMs ?? 0)
  }

  /** Of its addresses alone. A static node without any is looked up when its turn has come. */
  function addressRefusalOf(node: NodeAddress, staticNode: StaticNode | undefined): DialRefusal | undefined {
    if (staticNode === undefined) return addressRefusal(node, netRestrict)
    const refusals = addressesOf(staticNode).map((address) => addressRefusal(address, netRestrict))
    return refusals.includes(undefined) ? undefined : refusals[0]
  }

  const occupied = (nodeId: string): DialRefusal | undefined =>
    isDialing(nodeId) ? 'dialing' : connected.state(nodeId)

  const isBanned = ({ nodeIdHex, endpoints }: NodeAddress): boolean =>
    reputation !== undefined && endpoints.every(({ host }) => reputation.isBanned(nodeIdHex, host) !== undefined)

  function refusalOf(node: NodeAddress, staticNode?: StaticNode): DialRefusal | undefined {
    const nodeId = node.nodeIdHex
    const address = addressRefusalOf(node, staticNode)
    if (nodeId === self) return 'self'
    if (address === 'no-port' || address === 'no-address') return address
    const state = occupied(nodeId)
    if (state !== undefined) return state
    if (address === 'netrestrict') return address
    if (waitMs(nodeId) > 0) return 'recent'
    return staticNode === undefined && isBanned(node) ? 'banned' : undefined
  }

  return {
    refusalOf,
    refuse(node, reason) {
      refusals.add(reason)
      logger.trace({ id: node.nodeIdHex, addr: node.host, reason }, 'Not dialling a node')
      onRefused?.(node, reason)
    },
    waitMs,
    stateOf(nodeId) {
      const node = statics.get(nodeId)
      if (node !== undefined) return refusalOf(node.given, node) ?? 'ready'
      if (nodeId === self) return 'self'
      const state = occupied(nodeId)
      if (state !== undefined) return state
      if (reputation?.isBanned(nodeId, undefined) !== undefined) return 'banned'
      return waitMs(nodeId) > 0 ? 'recent' : 'ready'
    },
  }
}
