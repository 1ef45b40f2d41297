import { type Schema, struct, u64 } from '@ethwire/rlp-codec'
import type {
  Fields,
  HandshakeDefinition,
  MessageCode,
  MessageDefinition,
  MessageDefinitions,
  MessageValue,
  RequestDefinition,
} from './definition.ts'
import type { Protocol, ProtocolLimits } from './protocol.ts'
import { runTypedPeer, type TypedPeer } from './typed-peer.ts'

/** What `defineProtocol` takes. */
export interface ProtocolDefinition<M extends MessageDefinitions, H extends Fields> {
  readonly name: string
  readonly version: number
  readonly messages: M
  readonly limits: ProtocolLimits
  readonly handshake?: HandshakeDefinition<H>
}

/** A protocol of one's own. */
export interface DefinedProtocol<M extends MessageDefinitions, H extends Fields> {
  readonly name: string
  readonly version: number
  readonly length: number
  /**
   * The protocol as a server runs it. `handler` is called for each peer once the handshake, if there is one, is done;
   * messages are delivered from then on until the peer is gone, also after `handler` has returned. When it throws, the
   * peer is disconnected.
   */
  run(handler: (peer: TypedPeer<M, H>) => Promise<void> | void): Protocol
}

/** A request and what answers it; both carry an id that the library adds. */
export function request<const Q extends Fields, const A extends Fields>(
  request: Q,
  response: A,
): RequestDefinition<Q, A> {
  return { kind: 'request', request, response }
}

const RESERVED = new Set(['on', 'disconnect', 'remote', 'version', 'closed', 'handshake', 'then'])

/**
 * A subprotocol from its messages: codes are given in their order, each peer gets a typed method for each.
 *
 * @example
 * import { defineProtocol, request } from '@ethwire/protocol'
 * import { list, u64, utf8 } from '@ethwire/rlp-codec'
 *
 * const chat = defineProtocol({
 *   name: 'chat',
 *   version: 1,
 *   messages: { say: { text: utf8(280) }, history: request({ since: u64 }, { lines: list(utf8(280), 100) }) },
 *   limits: { maxMessageBytes: 64 * 1024 },
 * })
 * const protocol = chat.run(async (peer) => {
 *   await peer.say({ text: 'hello' })
 * })
 */
export function defineProtocol<const M extends MessageDefinitions, const H extends Fields = Record<never, never>>(
  definition: ProtocolDefinition<M, H>,
): DefinedProtocol<M, H> {
  const { name, version, messages, limits, handshake } = definition
  if (!/^[\x21-\x7e]{1,8}$/.test(name))
    throw new RangeError(`a protocol's name has 1 to 8 ASCII characters, got "${name}"`)
  const codes: MessageCode[] = []
  const add = (messageName: string, role: MessageCode['role'], fields: Fields): void => {
    codes.push({ name: messageName, role, schema: struct(fields) as unknown as Schema<MessageValue> })
  }
  if (handshake !== undefined) add('handshake', 'handshake', handshake.fields)
  for (const [messageName, message] of Object.entries(messages)) {
    if (RESERVED.has(messageName)) throw new RangeError(`"${messageName}" can't be the name of a message`)
    if (isRequest(message)) {
      add(messageName, 'request', { requestId: u64, ...message.request })
      add(messageName, 'response', { requestId: u64, ...message.response })
    } else {
      add(messageName, 'message', message)
    }
  }
  return {
    name,
    version,
    length: codes.length,
    run(handler) {
      return {
        name,
        versions: { [version]: { length: codes.length } },
        limits,
        run: (connection) =>
          runTypedPeer({
            connection,
            codes,
            handshake: handshake as HandshakeDefinition<Fields> | undefined,
            handler: handler as (peer: unknown) => Promise<void> | void,
          }),
      }
    },
  }
}

function isRequest(message: MessageDefinition): message is RequestDefinition {
  return message.kind === 'request' && 'request' in message && 'response' in message
}
