import type { DialRefusal } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import type { P2pError } from './errors.ts'
import type { Peer } from './peer.ts'

/** What happens in a server. */
export interface P2pServerEvents {
  /** A peer was admitted and its subprotocols run. */
  'peer:add': { readonly peer: Peer }
  /** A peer is gone. `reason` is the Disconnect reason exchanged, if one was. */
  'peer:drop': {
    readonly peer: Peer
    readonly error: P2pError
    readonly reason: number | undefined
    readonly byRemote: boolean
    readonly durationMs: number
  }
  /** A dial did not end in a peer. */
  'dial:failed': { readonly node: NodeAddress; readonly error: P2pError; readonly isStatic: boolean }
  /** A node was not dialled, by the rule that `reason` names. */
  'dial:refused': { readonly node: NodeAddress; readonly reason: DialRefusal }
  /** A connection that came in did not end in a peer. */
  'inbound:failed': { readonly remote: SocketEndpoint; readonly error: P2pError }
}
