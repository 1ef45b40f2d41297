import type { Crypto } from '@ethwire/crypto'
import { createReputation, type Reputation } from '@ethwire/dialer'
import { parseNode } from '@ethwire/enr'
import type { Clock, Logger, Metrics } from '@ethwire/io'
import type { P2pServer, P2pServerOptions } from '@ethwire/p2p-server'
import type { PeeringOptions } from './options/peering-options.ts'

/** How a node chooses its peers and deals with them. */
export interface Peering extends Pick<P2pServerOptions, 'policy' | 'staticOnly' | 'bandwidth'> {
  /** Whether what others do is held against them. */
  readonly remembersOffences?: boolean
  readonly dropper?: boolean
}

/** As the flags say. */
export function peeringOf(options: PeeringOptions): Peering {
  const upload = options['bandwidth.upload']
  const download = options['bandwidth.download']
  const peerUpload = options['bandwidth.upload.peer']
  const peerDownload = options['bandwidth.download.peer']
  return {
    policy: options['dial.policy'],
    ...{ staticOnly: options.staticonly === true, dropper: options.dropper === true },
    remembersOffences: options.reputation === true,
    bandwidth: {
      ...(upload !== undefined && { uploadBytesPerSecond: upload }),
      ...(download !== undefined && { downloadBytesPerSecond: download }),
      ...(peerUpload !== undefined && { peerUploadBytesPerSecond: peerUpload }),
      ...(peerDownload !== undefined && { peerDownloadBytesPerSecond: peerDownload }),
    },
  }
}

export interface NodeReputationOptions {
  readonly remembersOffences: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Whom a node has nothing to do with: those that its operator bans, and, if that is wished, those that misbehave. */
export function createNodeReputation({ remembersOffences, ...options }: NodeReputationOptions): Reputation {
  const reputation = createReputation(options)
  return remembersOffences ? reputation : { ...reputation, report: () => 'noted', backoffMs: () => 0 }
}

/** Bans by hand, as reth's `admin_banPeer` has them. */
export interface PeerBans {
  /**
   * Parts with a node, which is static no more, and neither dials it nor lets it in until the ban is ended or the process
   * is. A trusted node is left alone. @throws TypeError, EnrError
   */
  ban(node: string): void
  /** Ends that, and forgives what the node did (reth only ends the ban). @throws TypeError, EnrError */
  unban(node: string): void
}

export function createPeerBans(
  server: Pick<P2pServer, 'peers' | 'removePeer'>,
  reputation: Pick<Reputation, 'ban' | 'unban'>,
  crypto: Crypto,
): PeerBans {
  return {
    ban(node) {
      const { nodeIdHex } = parseNode(node, { crypto })
      // Bans do not hold for trusted nodes that come later; one that is here would be parted with.
      if (server.peers().some(({ id, trusted }) => trusted && id === nodeIdHex)) return
      reputation.ban({ nodeIdHex }, Number.POSITIVE_INFINITY)
      // A static node would be dialled again.
      server.removePeer(node)
    },
    unban: (node) => void reputation.unban({ nodeIdHex: parseNode(node, { crypto }).nodeIdHex }),
  }
}
