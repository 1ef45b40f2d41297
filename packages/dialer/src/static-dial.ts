import type { NodeAddress } from '@ethwire/enr'
import type { Clock, Logger } from '@ethwire/io'
import { attempt } from './attempt.ts'
import { addressRefusal, type NetRestrict } from './dial-addresses.ts'
import type { DialRefusal } from './dial-refusal.ts'
import type { DialOutcome } from './dial-scheduling.ts'
import type { NodeProvider } from './node-source.ts'
import type { StaticNode, StaticNodes } from './static-nodes.ts'

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
 * Makes what dials a static node. One without an address is looked up first; after an attempt that reached nobody it is
 * looked up as well, and tried once more if it has moved. Never rejects.
 */
export function createStaticDial(
  options: StaticDialOptions,
): (node: StaticNode, signal: AbortSignal) => Promise<DialOutcome> {
  const { clock, statics, source, netRestrict, tryOnce, refuse, logger } = options

  /** Whether the node is known to be elsewhere than we thought; then its address is the new one. */
  async function hasMoved(node: StaticNode, signal: AbortSignal): Promise<boolean> {
    const resolve = source.resolve?.bind(source)
    if (resolve === undefined || !statics.mayResolve(node)) return false
    const { address } = node
    const found = await attempt((signal) => resolve(address, { signal }), undefined, {
      ...{ clock, signal },
      onError: (err) => logger.debug({ id: address.nodeIdHex, err }, 'Resolving a node failed'),
    })
    if (signal.aborted) return false
    const isKnown = found !== undefined && found.nodeIdHex === address.nodeIdHex && found.endpoints.length > 0
    const refusal = isKnown ? addressRefusal(found, netRestrict) : undefined
    statics.resolved(node, isKnown && refusal === undefined ? found : undefined)
    if (!isKnown || hasSameEndpoints(found, address)) return false
    if (refusal !== undefined) refuse(found, refusal)
    return refusal === undefined
  }

  return async (node, signal) => {
    if (node.address.endpoints.length === 0 && !(await hasMoved(node, signal))) {
      if (!signal.aborted) refuse(node.address, 'unresolved')
      return 'unreachable'
    }
    const outcome = await tryOnce(node.address, signal)
    if (outcome !== 'unreachable' || signal.aborted || !(await hasMoved(node, signal))) return outcome
    return await tryOnce(node.address, signal)
  }
}

function hasSameEndpoints(a: NodeAddress, b: NodeAddress): boolean {
  const show = ({ endpoints }: NodeAddress): string =>
    endpoints.map(({ host, tcpPort }) => `${host} ${tcpPort}`).join(', ')
  return show(a) === show(b)
}
