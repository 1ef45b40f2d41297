import { type Message, ProtocolError } from '@ethwire/protocol'
import { decode, RlpError, type Schema } from '@ethwire/rlp-codec'

/** A message's value. @throws ProtocolError `PROTOCOL_DECODE`, `PROTOCOL_BREACH`, `PROTOCOL_MESSAGE_TOO_LONG` */
export function decodeMessage<T>(name: string, schema: Schema<T>, message: Omit<Message, 'code'>): T {
  if (message.oversizedBytes !== undefined) {
    throw new ProtocolError('PROTOCOL_MESSAGE_TOO_LONG', `${name} has ${message.oversizedBytes} bytes`)
  }
  try {
    return decode(schema, message.payload)
  } catch (error) {
    throw decodeFailure(name, error)
  }
}

/** What is thrown for an error that came up in decoding a message. */
export function decodeFailure(name: string, error: unknown): unknown {
  if (!(error instanceof RlpError)) return error
  // Sound RLP with a content that no message has is another offence than bytes that are no RLP.
  const code = error.code === 'RLP_VALUE' ? 'PROTOCOL_BREACH' : 'PROTOCOL_DECODE'
  return new ProtocolError(code, `${name}: ${error.message}`, { cause: error })
}
