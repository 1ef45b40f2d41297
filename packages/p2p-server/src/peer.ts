import type { Clock, Logger, SocketEndpoint } from '@ethwire/io'
import { type Capability, DisconnectReason, describeDisconnectReason, type RemotePeer } from '@ethwire/protocol'
import { BASE_PROTOCOL_LENGTH, BaseMessage, decodeDisconnect, EMPTY_LIST } from './base-protocol.ts'
import type { SharedProtocol } from './capabilities.ts'
import { P2pError, toP2pError } from './errors.ts'
import type { Hello } from './hello.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { type PeerInfo, peerInfo } from './info.ts'
import { createPingBudget } from './ping-budget.ts'
import { runProtocol } from './protocol-run.ts'
import type { P2pRule } from './rules.ts'
import type { MessageTraffic, Traffic } from './traffic.ts'
import type { RlpxTransport, WireMessage } from './transport.ts'

/** Ping goes out this often; any message counts as life. */
const PING_INTERVAL_MS = 15_000

/** How long a protocol may go on after its peer's end without a word of it in the log. */
const PROTOCOL_END_MS = 5_000

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
  /** What each kind of message took so far. */
  traffic(): MessageTraffic[]
  /** geth's `admin_peers` entry. */
  info(): PeerInfo
  /** Sends Disconnect, by default with reason 0 (requested), and closes. Idempotent. */
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
  /** Sends Disconnect with this reason, by one of the server's own rules. */
  endBy(rule: P2pRule, reason: DisconnectReason): void
}

/** Told the messages of a peer's subprotocols. */
export interface MessageListener {
  sent(peer: Peer, shared: SharedProtocol, code: number, bytes: number): void
  received(peer: Peer, shared: SharedProtocol, code: number, bytes: number): void
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
  readonly traffic: Traffic
  readonly onMessage: MessageListener | undefined
  /** Told how many bytes a subprotocol has not read yet. */
  readonly onWaiting: (shared: SharedProtocol, bytes: number) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** Makes a peer from a connection whose hello is done and admitted. */
export function createPeer(options: PeerOptions): RunningPeer {
  const { transport, hello, shared, traffic, onMessage, clock, logger } = options
  // bounded: one for each shared protocol
  const inboxes = new Map<SharedProtocol, Inbox>(
    shared.map((protocol) => [protocol, createInbox((bytes) => options.onWaiting(protocol, bytes))]),
  )
  const pings = createPingBudget(clock, () =>
    finish(new P2pError('P2P_BREACH', 'too many pings', { rule: 'ping-budget' }), false),
  )
  const ended = Promise.withResolvers<PeerEnd>()
  let end: PeerEnd | undefined

  const finish = (error: P2pError, byRemote: boolean): void => {
    if (end !== undefined) return
    end = { error, reason: error.reason, byRemote }
    for (const inbox of inboxes.values()) {
      if (error.rule === 'ingress-budget') inbox.drop()
      else inbox.close()
    }
    if (byRemote || error.reason === undefined) transport.abort(error)
    else void transport.disconnect(error.reason, error)
    ended.resolve(end)
  }

  const broken = (cause: unknown): void => {
    const error = toP2pError(cause)
    if (error.code === 'P2P_INTERNAL' && end === undefined)
      logger.error({ peer: peer.id, err: cause }, 'A peer is lost by a fault of this side')
    finish(error, error.code === 'P2P_DISCONNECTED' || error.code === 'P2P_CLOSED')
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
    traffic: traffic.all,
    info: () =>
      peerInfo(
        peer,
        shared.map(({ protocol }) => protocol),
        options.enr,
      ),
    disconnect: (reason = DisconnectReason.Requested) =>
      finish(new P2pError('P2P_REQUESTED', 'disconnected by this side', { reason }), false),
    end: (error) => finish(error, false),
    endBy: (rule, reason) =>
      finish(new P2pError('P2P_REQUESTED', `disconnected by this side: ${rule}`, { reason, rule }), false),

    async run() {
      let pingTimer = clock.setTimer(PING_INTERVAL_MS, ping)
      function ping(): void {
        transport.send(BaseMessage.Ping, EMPTY_LIST).catch(broken)
        pingTimer = clock.setTimer(PING_INTERVAL_MS, ping)
      }
      const running = shared.map((protocol, index) =>
        runProtocol({
          ...{ peer, shared: protocol, lane: index + 1, transport, traffic, clock },
          messages: inboxes.get(protocol) as Inbox,
          onSend: onMessage && ((shared, code, bytes) => onMessage.sent(peer, shared, code, bytes)),
          ended: () => end?.error,
          finish: (error) => finish(error, false),
          failed: (name, err) => logger.error({ peer: peer.id, protocol: name, err }, 'A protocol failed'),
        }),
      )
      readMessages().catch(broken)
      const result = await ended.promise
      pingTimer.cancel()
      pings.close()
      await allEnded(running)
      await transport.closed
      return result
    },
  }

  /** A peer is over when its protocols are (geth's rule): until then its place is taken. */
  async function allEnded(running: readonly Promise<void>[]): Promise<void> {
    const left = new Set(shared.map(({ protocol }) => protocol.name))
    const warning = clock.setTimer(PROTOCOL_END_MS, () => {
      logger.warn({ peer: peer.id, protocols: [...left].join() }, 'A protocol goes on though its peer has ended')
    })
    await Promise.all(running.map((run, index) => run.then(() => left.delete(shared[index]?.protocol.name ?? ''))))
    warning.cancel()
  }

  async function readMessages(): Promise<void> {
    while (end === undefined) {
      const message = await transport.receive()
      const waits = message.code >= BASE_PROTOCOL_LENGTH ? deliver(message) : handleBase(message)
      if (waits !== undefined) await waits
    }
  }

  function handleBase(message: WireMessage): Promise<unknown> | undefined {
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

  function deliver(message: WireMessage): Promise<void> | undefined {
    for (const protocol of shared) {
      const code = message.code - protocol.offset
      if (code < 0 || code >= protocol.length) continue
      const { payload, oversizedBytes } = message
      traffic.received(protocol, code, message.wireBytes)
      onMessage?.received(peer, protocol, code, oversizedBytes ?? payload.length)
      const inbox = inboxes.get(protocol) as Inbox
      return inbox.push({ code, payload, ...(oversizedBytes !== undefined && { oversizedBytes }) })
    }
    throw new P2pError('P2P_BREACH', `no shared protocol has message code ${message.code}`)
  }

  return peer
}
