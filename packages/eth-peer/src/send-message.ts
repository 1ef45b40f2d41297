import { type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import { encode } from '@ethwire/rlp-codec'
import type { MessageDefinition } from './versions.ts'

/**
 * Writes and sends one message.
 * @throws ProtocolError `PROTOCOL_CLOSED`, `PROTOCOL_MESSAGE_TOO_LONG`; the signal's reason; RangeError and TypeError for
 * a value that the message can't have
 */
export async function sendMessage<T>(
  connection: ProtocolConnection,
  { code, schema }: MessageDefinition<T>,
  value: T,
  signal?: AbortSignal,
): Promise<void> {
  await sendEncoded(connection, code, encode(schema, value), signal)
}

/** Sends one message that is written already. @throws as `sendMessage` */
export async function sendEncoded(
  connection: ProtocolConnection,
  code: number,
  payload: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await connection.send(code, payload, signal === undefined ? {} : { signal })
  } catch (error) {
    if (error instanceof ProtocolError || signal?.aborted) throw error
    throw new ProtocolError('PROTOCOL_CLOSED', 'the message could not be sent', { cause: error })
  }
}
