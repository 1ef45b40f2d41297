import type { Clock, Logger } from '@ethwire/io'
import type { P2pError, P2pServer } from '@ethwire/p2p-server'
import { codeOf, reasonOf } from './errors.ts'

export interface RefusalOptions {
  readonly server: Pick<P2pServer, 'on'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly logger: Logger
}

const quietMs = 60_000
/** A refusal comes with the first messages. */
const greetingMs = 10_000

/** Reasons of the devp2p specification that say that a node does not want us, rather than not now. */
const refusingReasons: ReadonlySet<number> = new Set([0x03, 0x06, 0x07, 0x09, 0x0a, 0x10])
const subprotocolError = 0x10
/** Disconnect requested, already connected, client quitting: nobody's mistake. */
const harmlessReasons: ReadonlySet<number> = new Set([0x00, 0x05, 0x08])

/**
 * Says when a node that the user named does not become a peer: most often a flag or an address is wrong. At most once a
 * minute for each node. Returns what ends it.
 */
export function warnOfRefusals({ server, clock, logger }: RefusalOptions): () => void {
  // bounded: the static nodes that failed within the last minute
  const warnedMs = new Map<string, number>()

  // bounded: the nodes that the user named
  const closedOnce = new Set<string>()

  const warn = (id: string, peer: string, message: string, err: string): void => {
    const now = clock.monotonicMs()
    for (const [known, atMs] of warnedMs) if (now - atMs >= quietMs) warnedMs.delete(known)
    if (warnedMs.has(id)) return
    warnedMs.set(id, now)
    logger.warn({ peer, err }, message)
  }

  const ends = [
    server.on('peer:drop', ({ peer, error, reason, side, durationMs }) => {
      if (!peer.isStatic) return
      const { enode, id } = peer
      const ours = codeOf(error.cause)
      if (ours === 'PROTOCOL_HANDSHAKE' || ours === 'PROTOCOL_USELESS') {
        warn(id, enode, 'Static peer refused', reasonOf(error.cause).replace(/^Status refused: /, ''))
      } else if (side === 'remote' && reason !== undefined && refusingReasons.has(reason)) {
        const hint = reason === subprotocolError && durationMs < greetingMs ? ' (is it of another network?)' : ''
        warn(id, enode, 'Static peer refuses us', `${reasonOf(error)}${hint}`)
      }
    }),
    server.on('peer:add', ({ peer }) => void closedOnce.delete(peer.id)),
    server.on('dial:failed', ({ node, error, isStatic }) => {
      if (!isStatic) return
      // Two nodes that dial each other may close one connection; a wrong key closes all of them.
      if (isClosed(error) && !closedOnce.has(node.nodeIdHex)) {
        closedOnce.add(node.nodeIdHex)
        return
      }
      const told = dialProblem(error)
      if (told !== undefined) warn(node.nodeIdHex, `${node.host ?? '?'}:${node.tcpPort}`, ...told)
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}

const isClosed = ({ code }: P2pError): boolean => code === 'P2P_CLOSED' || code === 'P2P_AUTH_UNANSWERED'

/** Undefined for what passes by itself. */
function dialProblem(error: P2pError): [message: string, err: string] | undefined {
  const { code, reason } = error
  switch (code) {
    case 'P2P_REQUESTED':
      return undefined
    case 'P2P_DIAL_FAILED':
    case 'P2P_NAME_NOT_FOUND':
    case 'P2P_TIMEOUT':
      return ['Static peer not reached', reasonOf(error)]
    // Which asks for the key by itself.
    case 'P2P_AUTH_UNANSWERED':
    case 'P2P_CLOSED':
      return ['Static peer refused', reasonOf(error)]
    case 'P2P_HANDSHAKE_FAILED':
      return ['Static peer refused', `${reasonOf(error)} (is the key in its address right?)`]
    default:
      if (reason !== undefined && harmlessReasons.has(reason)) return undefined
      return [code === 'P2P_DISCONNECTED' ? 'Static peer refuses us' : 'Static peer refused', reasonOf(error)]
  }
}
