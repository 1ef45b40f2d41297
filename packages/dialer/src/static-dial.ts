import type { NodeAddress } from '@ethwire/enr'
import type { Clock, Logger } from '@ethwire/io'
import { attempt } from './attempt.ts'
import { addressRefusal, type NetRestrict } from './dial-addresses.ts'
import type { DialRefusal } from './dial-refusal.ts'
import type { DialOutcome } from './dial-scheduling.ts'
import type { NodeProvider } from './node-source.ts'
import { addressesOf, hasSameEndpoints, type StaticNode, type StaticNodes } from './static-nodes.ts'

/** What dialling static nodes needs. */
export interface StaticDialOptions {
  readonly clock: Clock
  readonly statics: StaticNodes
  readonly source: NodeProvider
  readonly netRestrict: NetRestrict | undefined
  tryOnce(address: NodeAddress, signal: AbortSignal): Promise<DialOutcome>
  refuse(address: NodeAddress, reason: DialRefusal): void
  readonly logger: Logger
}

/**
 * Makes what dials a static node: at each address that is known of it, until it is met. When it is met at none, it is looked
 * up and, if it has moved, tried there. One without an address is looked up first. Never rejects.
 */
export function createStaticDial(
  options: StaticDialOptions,
): (node: StaticNode, signal: AbortSignal) => Promise<DialOutcome> {
  const { clock, statics, source, netRestrict, tryOnce, refuse, logger } = options

  /** Where the node has moved to; undefined if it has not, or nobody knows, or it may not be dialled there. */
  async function lookUp(node: StaticNode, signal: AbortSignal): Promise<NodeAddress | undefined> {
    const resolve = source.resolve?.bind(source)
    if (resolve === undefined || !statics.mayResolve(node)) return undefined
    const tried = addressesOf(node)
    const asked = tried[0] ?? node.given
    const found = await attempt((signal) => resolve(asked, { signal }), undefined, {
      ...{ clock, signal },
      onError: (err) => logger.debug({ id: node.nodeId, err }, 'Resolving a node failed'),
    })
    if (signal.aborted) return undefined
    const isKnown = found !== undefined && found.nodeIdHex === node.nodeId && found.endpoints.length > 0
    const refusal = isKnown ? addressRefusal(found, netRestrict) : undefined
    statics.resolved(node, isKnown && refusal === undefined ? found : undefined)
    if (!isKnown || tried.some((address) => hasSameEndpoints(found, address))) return undefined
    if (refusal === undefined) return found
    refuse(found, refusal)
    return undefined
  }

  async function tryAt(node: StaticNode, address: NodeAddress, signal: AbortSignal): Promise<DialOutcome> {
    const outcome = await tryOnce(address, signal)
    if (wasMet(outcome)) node.prefersFound = address === node.found
    return outcome
  }

  return async (node, signal) => {
    let outcome: DialOutcome = 'unreachable'
    const known = addressesOf(node).filter((address) => addressRefusal(address, netRestrict) === undefined)
    for (const address of known) {
      outcome = await tryAt(node, address, signal)
      if (wasMet(outcome) || signal.aborted) return outcome
    }
    const moved = await lookUp(node, signal)
    if (moved !== undefined) return await tryAt(node, moved, signal)
    if (known.length === 0 && !signal.aborted) refuse(node.given, 'unresolved')
    return outcome
  }
}

/** Whether the node is where it was dialled. */
function wasMet(outcome: DialOutcome): boolean {
  return outcome !== 'unreachable' && outcome !== 'stranger'
}
