import { dialAddresses, type NetRestrict } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import { type ByteStream, type Clock, type Dial, IoError, type Resolver, type SocketEndpoint } from '@ethwire/io'
import { raceEndpoints } from './endpoint-race.ts'
import { P2pError } from './errors.ts'

const DIAL_TIMEOUT_MS = 15_000
/** Endpoints of one node that are tried in one dial. */
const MAX_ENDPOINTS = 16

/** What opening a stream to a node needs. */
export interface DialContext {
  readonly dial: Dial
  readonly resolver: Resolver
  readonly clock: Clock
  readonly netRestrict?: NetRestrict | undefined
}

/** One dial of a node, which may have several endpoints. */
export interface NodeDial {
  /**
   * A stream to one of its endpoints, raced against each other as RFC 8305 says; called again, one to another of them: only
   * the key tells whether it was the node, where several share a name.
   * @throws P2pError `P2P_DIAL_FAILED`, `P2P_NAME_NOT_FOUND`, `P2P_RESTRICTED`, `P2P_TIMEOUT`
   */
  next(): Promise<ByteStream>
  /** Whether there are endpoints that no stream was opened to. */
  readonly hasMore: boolean
}

/** Begins a dial. None of the node's addresses is used that `netRestrict` does not contain, whatever a name stands for. */
export function startDial(node: NodeAddress, context: DialContext, signal?: AbortSignal): NodeDial {
  const { dial, resolver, clock, netRestrict } = context
  // bounded: MAX_ENDPOINTS
  let endpoints: readonly SocketEndpoint[] | undefined

  async function find(either: AbortSignal): Promise<readonly SocketEndpoint[]> {
    if (node.endpoints.every(({ tcpPort }) => tcpPort === 0))
      throw new P2pError('P2P_DIAL_FAILED', 'the node has no address for TCP')
    const options = { resolver, signal: either, ...(netRestrict !== undefined && { netRestrict }) }
    const found = await dialAddresses(node, options)
    if (found.endpoints.length > 0) return found.endpoints.slice(0, MAX_ENDPOINTS)
    if (found.restricted > 0) throw new P2pError('P2P_RESTRICTED', 'netrestrict allows none of its addresses')
    throw new P2pError('P2P_NAME_NOT_FOUND', `${node.host} has no address`)
  }

  return {
    get hasMore() {
      return endpoints !== undefined && endpoints.length > 0
    },
    async next() {
      const timeout = new AbortController()
      const timer = clock.setTimer(DIAL_TIMEOUT_MS, () => {
        const message = `no connection within ${DIAL_TIMEOUT_MS} ms`
        timeout.abort(new P2pError('P2P_TIMEOUT', message, { rule: 'dial-deadline' }))
      })
      const either = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal])
      try {
        endpoints ??= await find(either)
        const { stream, rest } = await raceEndpoints(endpoints, { dial, clock, signal: either })
        endpoints = rest
        return stream
      } catch (cause) {
        throw dialError(cause)
      } finally {
        timer.cancel()
      }
    },
  }
}

/** Opens a stream to a node. @throws P2pError as `NodeDial.next` does */
export function dialNode(node: NodeAddress, context: DialContext, signal?: AbortSignal): Promise<ByteStream> {
  return startDial(node, context, signal).next()
}

function dialError(cause: unknown): P2pError {
  if (cause instanceof P2pError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const isNameless = cause instanceof IoError && cause.code === 'IO_NAME_NOT_FOUND'
  return new P2pError(isNameless ? 'P2P_NAME_NOT_FOUND' : 'P2P_DIAL_FAILED', `can't connect: ${message}`, { cause })
}
