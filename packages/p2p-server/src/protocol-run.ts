import type { Clock } from '@ethwire/io'
import { DisconnectReason, formatCapability, type Message, ProtocolError, type RemotePeer } from '@ethwire/protocol'
import { RlpError } from '@ethwire/rlp-codec'
import type { SharedProtocol } from './capabilities.ts'
import { P2pError } from './errors.ts'
import { messageOf } from './message-of.ts'
import type { Traffic } from './traffic.ts'
import type { RlpxTransport } from './transport.ts'

export interface ProtocolRunOptions {
  readonly peer: RemotePeer
  readonly shared: SharedProtocol
  /** Its turn among the peer's subprotocols, from 1. */
  readonly lane: number
  readonly messages: AsyncIterable<Message>
  readonly transport: RlpxTransport
  readonly traffic: Traffic
  readonly clock: Clock
  /** Told each message that is handed over to be sent. */
  readonly onSend: ((shared: SharedProtocol, code: number, bytes: number) => void) | undefined
  /** Why the peer has ended, if it has. */
  ended(): P2pError | undefined
  /** Ends the peer. */
  finish(error: P2pError): void
  /** What a subprotocol threw that is neither its own nor the peer's fault to foresee. */
  failed(name: string, error: unknown): void
}

/** Runs a subprotocol with a peer. When it returns or throws, the peer ends. Never rejects. */
export async function runProtocol(options: ProtocolRunOptions): Promise<void> {
  const { peer, shared, lane, messages, transport, traffic, clock, onSend, ended, finish } = options
  const { protocol, version, offset, length } = shared
  const name = formatCapability({ name: protocol.name, version })
  try {
    const { maxMessageBytes } = protocol.limits
    await protocol.run({
      ...{ peer, version, clock, messages },
      async send(code, payload, { signal } = {}) {
        signal?.throwIfAborted()
        if (!Number.isInteger(code) || code < 0 || code >= length) {
          throw new RangeError(`${name} has message codes from 0 to ${length - 1}, got ${code}`)
        }
        if (payload.length > maxMessageBytes) {
          throw new ProtocolError('PROTOCOL_MESSAGE_TOO_LONG', `${name} has messages up to ${maxMessageBytes} bytes`)
        }
        const end = ended()
        if (end !== undefined) throw new ProtocolError('PROTOCOL_CLOSED', 'the peer is gone', { cause: end })
        try {
          onSend?.(shared, code, payload.length)
          traffic.sent(shared, code, await transport.send(offset + code, payload, lane))
        } catch (cause) {
          throw new ProtocolError('PROTOCOL_WRITE', `could not send to the peer`, { cause })
        }
      },
      disconnect: (reason) => finish(new P2pError('P2P_PROTOCOL_ENDED', `${name} ended the peer`, { reason })),
    })
    finish(new P2pError('P2P_PROTOCOL_ENDED', `${name} returned`, { reason: DisconnectReason.ClientQuitting }))
  } catch (cause) {
    if (!(cause instanceof ProtocolError) && !(cause instanceof RlpError) && ended() === undefined) {
      options.failed(name, cause)
    }
    finish(new P2pError('P2P_PROTOCOL_ENDED', `${name}: ${messageOf(cause)}`, { cause, reason: reasonOf(cause) }))
  }
}

function reasonOf(error: unknown): DisconnectReason {
  if (error instanceof ProtocolError) return error.reason
  return error instanceof RlpError ? DisconnectReason.ProtocolBreach : DisconnectReason.SubprotocolError
}
