import { dialAddresses, type NetRestrict } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import { type ByteStream, type Clock, type Dial, IoError, type Resolver } from '@ethwire/io'
import { P2pError } from './errors.ts'

const DIAL_TIMEOUT_MS = 15_000

/** What opening a stream to a node needs. */
export interface DialContext {
  readonly dial: Dial
  readonly resolver: Resolver
  readonly clock: Clock
  readonly netRestrict?: NetRestrict | undefined
}

/**
 * Opens a stream to a node: each of its endpoints is tried in turn, a host name by each of its addresses, and none that
 * `netRestrict` does not contain.
 * @throws P2pError `P2P_DIAL_FAILED`, `P2P_NAME_NOT_FOUND`, `P2P_RESTRICTED`, `P2P_TIMEOUT`
 */
export async function dialNode(node: NodeAddress, context: DialContext, signal?: AbortSignal): Promise<ByteStream> {
  if (node.endpoints.every(({ tcpPort }) => tcpPort === 0))
    throw new P2pError('P2P_DIAL_FAILED', 'the node has no address for TCP')
  const timeout = new AbortController()
  const timer = context.clock.setTimer(DIAL_TIMEOUT_MS, () =>
    timeout.abort(new P2pError('P2P_TIMEOUT', `no connection within ${DIAL_TIMEOUT_MS} ms`)),
  )
  const either = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal])
  try {
    const { resolver, netRestrict } = context
    const options = { resolver, signal: either, ...(netRestrict !== undefined && { netRestrict }) }
    const { endpoints, restricted } = await dialAddresses(node, options)
    if (endpoints.length === 0 && restricted > 0)
      throw new P2pError('P2P_RESTRICTED', 'netrestrict allows none of its addresses')
    if (endpoints.length === 0) throw new P2pError('P2P_NAME_NOT_FOUND', `${node.host} has no address`)
    let failure: unknown
    for (const endpoint of endpoints) {
      try {
        return await context.dial(endpoint, { signal: either })
      } catch (error) {
        if (either.aborted) throw either.reason
        failure = error
      }
    }
    throw failure
  } catch (cause) {
    if (cause instanceof P2pError) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    const code =
      cause instanceof IoError && cause.code === 'IO_NAME_NOT_FOUND' ? 'P2P_NAME_NOT_FOUND' : 'P2P_DIAL_FAILED'
    throw new P2pError(code, `can't connect: ${message}`, { cause })
  } finally {
    timer.cancel()
  }
}
