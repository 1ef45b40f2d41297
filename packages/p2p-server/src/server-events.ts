import type { DialRefusal } from '@ethwire/dialer'
import type { NodeAddress } from '@ethwire/enr'
import type { SocketEndpoint } from '@ethwire/io'
import type { P2pError } from './errors.ts'
import type { Peer } from './peer.ts'
import type { AdmissionRule, InboundRule, P2pRule } from './rules.ts'

/** How far a connection came: to the node, through the crypto handshake, through hello. */
export type SetupStage = 'connect' | 'handshake' | 'hello'

/** A message of a subprotocol. */
export interface MessageEvent {
  readonly peer: Peer
  /** The subprotocol's name. */
  readonly protocol: string
  readonly version: number
  /** Within the subprotocol, from 0. */
  readonly code: number
  /** Of the message's RLP, uncompressed. */
  readonly bytes: number
}

/** What happens in a server. */
export interface P2pServerEvents {
  /** A peer was admitted and its subprotocols run. */
  'peer:add': { readonly peer: Peer }
  /** A peer is gone. */
  'peer:drop': {
    readonly peer: Peer
    readonly error: P2pError
    /** The Disconnect reason exchanged, if one was. */
    readonly reason: number | undefined
    /** Who ended it; the side of a broken connection is not known and counts as `remote`. */
    readonly side: 'local' | 'remote'
    /** The rule of this side that decided; undefined when the other side or the network did. */
    readonly rule: P2pRule | undefined
    readonly durationMs: number
    /** On the wire, both ways. */
    readonly bytesReceived: number
    readonly bytesSent: number
  }
  /** A message of a subprotocol was handed over to be sent. Only with `enableMsgEvents`. */
  'msg:send': MessageEvent
  /** A message of a subprotocol came. Only with `enableMsgEvents`. */
  'msg:recv': MessageEvent
  /** A dial did not end in a peer. One that did is told by `peer:add`. */
  'dial:failed': {
    readonly node: NodeAddress
    readonly error: P2pError
    readonly isStatic: boolean
    readonly stage: SetupStage
    readonly rule: P2pRule | undefined
  }
  /** A node was not dialled, by the rule that `reason` names. */
  'dial:refused': { readonly node: NodeAddress; readonly reason: DialRefusal }
  /** A connection that came in was refused by a rule of this side. `nodeIdHex` is there once it was proved. */
  'inbound:refused': {
    readonly remote: SocketEndpoint
    readonly nodeIdHex: string | undefined
    readonly rule: InboundRule | AdmissionRule
  }
  /** A connection that came in did not end in a peer for any other reason. */
  'inbound:failed': {
    readonly remote: SocketEndpoint
    readonly nodeIdHex: string | undefined
    readonly error: P2pError
    readonly stage: SetupStage
  }
}

/** One thing that happened, for whoever iterates over all. */
export type P2pServerEvent =
  | { readonly [K in keyof P2pServerEvents]: { readonly type: K } & P2pServerEvents[K] }[keyof P2pServerEvents]
  /** So many events before the next one were lost, because their reader was slow. */
  | { readonly type: 'events:dropped'; readonly count: number }
