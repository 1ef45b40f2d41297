import type { DialReputation, Reputation } from '@ethwire/dialer'
import type { P2pError } from './errors.ts'
import { offenceOf } from './offences.ts'
import type { Peer } from './peer.ts'
import type { SetupProgress } from './peer-runs.ts'

/** From when on a connection has come to something. */
const LASTING_MS = 10_000

/** What of a `Reputation` a server uses. */
export type ServerReputation = Pick<Reputation, 'report' | 'isBanned' | 'backoffMs' | 'succeeded'>

/** Holds against others what they did, and knows who is not to be spoken with. Without a reputation nothing and nobody. */
export interface Conduct {
  isBanned(nodeIdHex: string | undefined, ip: string): boolean
  ended(peer: Peer, error: P2pError, durationMs: number): void
  /** What the dial scheduler asks and tells: a trusted node is spared there, too. */
  readonly forDialer: DialReputation | undefined
  /** A connection did not become a peer; `inbound` when they dialled us. */
  notSetUp(remote: { readonly ip: string; readonly inbound: boolean }, progress: SetupProgress, error: P2pError): void
}

export interface ConductOptions {
  readonly reputation: ServerReputation | undefined
  isStatic(nodeIdHex: string): boolean
  isTrusted(nodeIdHex: string): boolean
}

export function createConduct({ reputation, isStatic, isTrusted }: ConductOptions): Conduct {
  function report(nodeIdHex: string | undefined, ip: string, error: P2pError): void {
    const offence = offenceOf(error)
    if (offence === undefined) return
    const standing = nodeIdHex === undefined ? undefined : standingOf(nodeIdHex)
    reputation?.report(
      { ip, ...(nodeIdHex !== undefined && { nodeIdHex }), ...(standing !== undefined && { standing }) },
      offence,
    )
  }

  function standingOf(nodeIdHex: string): 'trusted' | 'static' | undefined {
    if (isTrusted(nodeIdHex)) return 'trusted'
    return isStatic(nodeIdHex) ? 'static' : undefined
  }

  const forDialer = reputation && {
    isBanned: (nodeIdHex: string | undefined, ip: string | undefined) =>
      nodeIdHex !== undefined && isTrusted(nodeIdHex) ? undefined : reputation.isBanned(nodeIdHex, ip),
    backoffMs: (nodeIdHex: string) => (isTrusted(nodeIdHex) ? 0 : reputation.backoffMs(nodeIdHex)),
    report({ nodeIdHex }: { readonly nodeIdHex: string }, offence: 'dial-failure' | 'full') {
      const standing = standingOf(nodeIdHex)
      reputation.report({ nodeIdHex, ...(standing !== undefined && { standing }) }, offence)
    },
  }

  return {
    forDialer,
    isBanned: (nodeIdHex, ip) => reputation?.isBanned(nodeIdHex, ip) !== undefined,
    ended(peer, error, durationMs) {
      const hasLasted = durationMs >= LASTING_MS
      if (hasLasted) reputation?.succeeded(peer.id)
      // That a connection breaks one day is no offence.
      if (!hasLasted || error.code !== 'P2P_CLOSED') report(peer.id, peer.remote.ip, error)
    },
    notSetUp({ ip, inbound }, { stage, nodeIdHex }, error) {
      // What becomes of a dial before the node has proved its key is the dial scheduler's to report.
      if (stage === 'hello') report(nodeIdHex, ip, error)
      else if (stage === 'handshake' && inbound) report(undefined, ip, error)
    },
  }
}
