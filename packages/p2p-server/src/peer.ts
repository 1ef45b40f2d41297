import type { Clock, Logger, SocketEndpoint } from '@ethwire/io'
import {
  type Capability,
  DisconnectReason,
  describeDisconnectReason,
  formatCapability,
  type Message,
  ProtocolError,
  type RemotePeer,
} from '@ethwire/protocol'
import { RlpError } from '@ethwire/rlp-codec'
import { BASE_PROTOCOL_LENGTH, BaseMessage, decodeDisconnect, EMPTY_LIST } from './base-protocol.ts'
import type { SharedProtocol } from './capabilities.ts'
import { P2pError } from './errors.ts'
import type { Hello } from './hello.ts'
import { createInbox, type Inbox } from './inbox.ts'
import type { PeerInfo } from './info.ts'
import { createPingBudget } from './ping-budget.ts'
import type { RlpxTransport } from './transport.ts'

/** Ping goes out this often; any message counts as life. */
const PING_INTERVAL_MS = 15_000

/** A connected node. */
export interface Peer extends RemotePeer {
  readonly local: SocketEndpoint
  /** The node as a URL, with the address that it was reached by. */
  readonly enode: string
  /** Whether it is one of our static nodes: dialled again whenever it is gone. */
  readonly isStatic: boolean
  readonly trusted: boolean
  readonly connectedAtMs: number
  /** The subprotocols that both sides speak, at the version agreed on. */
  readonly protocols: readonly Capability[]
  readonly bytesReceived: number
  readonly bytesSent: number
  /** geth's `admin_peers` entry. */
  info(): PeerInfo
  /** Sends Disconnect and closes. Idempotent. */
  disconnect(reason?: DisconnectReason): void
}

/** Why a peer is gone. */
export interface PeerEnd {
  readonly error: P2pError
  /** The Disconnect reason that was sent or received; undefined when the network ended it. */
  readonly reason: number | undefined
  /** Whether the other side ended it. */
  readonly byRemote: boolean
}

/** A peer as its server runs it. */
export interface RunningPeer extends Peer {
  /** Speaks until the connection is over and all of the peer's subprotocols have returned. Never rejects. */
  run(): Promise<PeerEnd>
  end(error: P2pError): void
}

/** What a peer is made of. */
export interface PeerOptions {
  readonly transport: RlpxTransport
  readonly hello: Hello
  readonly nodeId: string
  readonly enode: string
  readonly enr?: string | undefined
  readonly inbound: boolean
  readonly isStatic: () => boolean
  readonly trusted: () => boolean
  readonly remote: SocketEndpoint
  readonly local: SocketEndpoint
  readonly shared: readonly SharedProtocol[]
  readonly clock: Clock
  readonly logger: Logger
}

/** Makes a peer from a connection whose hello is done and admitted. */
export function createPeer(options: PeerOptions): RunningPeer {
  const { transport, hello, shared, clock, logger } = options
  const inboxes = new Map<SharedProtocol, Inbox>(shared.map((protocol) => [protocol, createInbox()]))
  const pings = createPingBudget(clock, () => finish(new P2pError('P2P_BREACH', 'too many pings'), false))
  const ended = Promise.withResolvers<PeerEnd>()
  let end: PeerEnd | undefined

  const finish = (error: P2pError, byRemote: boolean): void => {
    if (end !== undefined) return
    end = { error, reason: error.reason, byRemote }
    for (const inbox of inboxes.values()) inbox.close()
    if (byRemote || error.reason === undefined) transport.abort(error)
    else void transport.disconnect(error.reason, error)
    ended.resolve(end)
  }

  const peer: RunningPeer = {
    id: options.nodeId,
    publicKey: hello.publicKey,
    clientId: hello.clientId,
    capabilities: hello.capabilities,
    inbound: options.inbound,
    remote: options.remote,
    local: options.local,
    enode: options.enode,
    get isStatic() {
      return options.isStatic()
    },
    get trusted() {
      return options.trusted()
    },
    connectedAtMs: clock.now(),
    protocols: shared.map(({ protocol, version }) => ({ name: protocol.name, version })),
    get bytesReceived() {
      return transport.bytesReceived
    },
    get bytesSent() {
      return transport.bytesSent
    },
    info: () => peerInfo(peer, options),
    disconnect: (reason = DisconnectReason.Requested) =>
      finish(new P2pError('P2P_REQUESTED', 'disconnected by this side', { reason }), false),
    end: (error) => finish(error, false),

    async run() {
      let pingTimer = clock.setTimer(PING_INTERVAL_MS, ping)
      function ping(): void {
        transport.send(BaseMessage.Ping, EMPTY_LIST).catch((error: unknown) => finish(asP2pError(error), false))
        pingTimer = clock.setTimer(PING_INTERVAL_MS, ping)
      }
      const running = shared.map((protocol) => runProtocol(protocol, inboxes.get(protocol) as Inbox))
      readMessages().catch((error: unknown) => finish(asP2pError(error), isByRemote(error)))
      const result = await ended.promise
      pingTimer.cancel()
      pings.close()
      await Promise.all(running)
      await transport.closed
      return result
    },
  }

  async function readMessages(): Promise<void> {
    while (end === undefined) {
      const message = await transport.receive()
      const waits = message.code >= BASE_PROTOCOL_LENGTH ? deliver(message) : handleBase(message)
      if (waits !== undefined) await waits
    }
  }

  function handleBase(message: Message): Promise<void> | undefined {
    switch (message.code) {
      case BaseMessage.Hello:
        throw new P2pError('P2P_BREACH', 'a second hello')
      case BaseMessage.Disconnect: {
        const reason = decodeDisconnect(message.payload)
        throw new P2pError('P2P_DISCONNECTED', `the peer says: ${describeDisconnectReason(reason)}`, { reason })
      }
      case BaseMessage.Ping:
        return pings.take() ? transport.send(BaseMessage.Pong, EMPTY_LIST) : undefined
      default:
        return undefined // Pong, and codes that are reserved
    }
  }

  function deliver(message: Message): Promise<void> | undefined {
    for (const protocol of shared) {
      if (message.code >= protocol.offset && message.code < protocol.offset + protocol.length) {
        const inbox = inboxes.get(protocol) as Inbox
        return inbox.push({ ...message, code: message.code - protocol.offset })
      }
    }
    throw new P2pError('P2P_BREACH', `no shared protocol has message code ${message.code}`)
  }

  async function runProtocol(protocol: SharedProtocol, inbox: Inbox): Promise<void> {
    const name = formatCapability({ name: protocol.protocol.name, version: protocol.version })
    try {
      await protocol.protocol.run({
        peer,
        version: protocol.version,
        clock,
        messages: inbox,
        async send(code, payload, { signal } = {}) {
          signal?.throwIfAborted()
          if (!Number.isInteger(code) || code < 0 || code >= protocol.length) {
            throw new RangeError(`${name} has message codes from 0 to ${protocol.length - 1}, got ${code}`)
          }
          const { maxMessageBytes } = protocol.protocol.limits
          if (payload.length > maxMessageBytes) {
            throw new ProtocolError('PROTOCOL_MESSAGE_TOO_LONG', `${name} has messages up to ${maxMessageBytes} bytes`)
          }
          if (end !== undefined) throw new ProtocolError('PROTOCOL_CLOSED', 'the peer is gone', { cause: end.error })
          try {
            await transport.send(protocol.offset + code, payload)
          } catch (cause) {
            throw new ProtocolError('PROTOCOL_WRITE', `could not send to the peer`, { cause })
          }
        },
        disconnect: (reason) => finish(new P2pError('P2P_PROTOCOL_ENDED', `${name} ended the peer`, { reason }), false),
      })
      finish(new P2pError('P2P_PROTOCOL_ENDED', `${name} returned`, { reason: DisconnectReason.ClientQuitting }), false)
    } catch (cause) {
      if (!(cause instanceof ProtocolError) && !(cause instanceof RlpError) && end === undefined) {
        logger.error({ peer: peer.id, protocol: name, err: cause }, 'A protocol failed')
      }
      finish(
        new P2pError('P2P_PROTOCOL_ENDED', `${name}: ${messageOf(cause)}`, { cause, reason: reasonOf(cause) }),
        false,
      )
    }
  }

  return peer
}

function peerInfo(peer: Peer, options: PeerOptions): PeerInfo {
  return {
    ...(options.enr !== undefined && { enr: options.enr }),
    enode: peer.enode,
    id: peer.id,
    name: peer.clientId,
    caps: peer.capabilities.map(formatCapability),
    network: {
      localAddress: formatEndpoint(peer.local),
      remoteAddress: formatEndpoint(peer.remote),
      inbound: peer.inbound,
      trusted: peer.trusted,
      static: peer.isStatic,
    },
    protocols: Object.fromEntries(
      options.shared.map(({ protocol }) => [protocol.name, protocol.peerInfo?.(peer.id) ?? 'unknown']),
    ),
  }
}

/** `1.2.3.4:30303`, `[::1]:30303` */
export function formatEndpoint({ ip, port }: SocketEndpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function reasonOf(error: unknown): DisconnectReason {
  if (error instanceof ProtocolError) return error.reason
  return error instanceof RlpError ? DisconnectReason.ProtocolBreach : DisconnectReason.SubprotocolError
}

function isByRemote(error: unknown): boolean {
  return error instanceof P2pError && (error.code === 'P2P_DISCONNECTED' || error.code === 'P2P_CLOSED')
}

function asP2pError(error: unknown): P2pError {
  if (error instanceof P2pError) return error
  return new P2pError('P2P_CLOSED', `the connection broke: ${messageOf(error)}`, { cause: error })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
