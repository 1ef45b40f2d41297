import { DisconnectReason } from '@ethwire/protocol'
import type { P2pError } from './errors.ts'
import type { SetupStage } from './server-events.ts'

const classes: Readonly<Partial<Record<number, string>>> = {
  [DisconnectReason.TooManyPeers]: 'saturated',
  [DisconnectReason.AlreadyConnected]: 'known',
  [DisconnectReason.Self]: 'self',
  [DisconnectReason.UselessPeer]: 'useless',
  [DisconnectReason.UnexpectedIdentity]: 'id/unexpected',
}

/**
 * How geth's metrics class a connection that did not become a peer (`p2p/dials/error/…`, `p2p/serves/error/…`): by the
 * reason that either side gave, else by how far it came.
 */
export function failureClass({ code, reason, rule }: P2pError, stage: SetupStage): string {
  if (stage === 'connect') return 'connection'
  const isToldReason = code === 'P2P_REFUSED' || code === 'P2P_DISCONNECTED' || code === 'P2P_UNEXPECTED_IDENTITY'
  const told = isToldReason && reason !== undefined ? classes[reason] : undefined
  if (told !== undefined) return told
  if (rule === 'closing' || rule === 'internal') return 'other'
  return stage === 'handshake' ? 'rlpx/enc' : 'rlpx/proto'
}
