import { abortable } from '@ethwire/io'
import type { PipeMessage } from './message-pipe.ts'

export interface ExpectMessageOptions {
  /** The payload must be this, byte for byte. */
  payload?: Uint8Array
  /** Stops waiting. */
  signal?: AbortSignal
}

const hex = (bytes: Uint8Array): string => {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return bytes.length > 64 ? `${shown}… (${bytes.length} bytes)` : shown
}

/**
 * Takes the next message of a connection and throws unless it has this code (and payload).
 *
 * @returns the payload
 */
export async function expectMessage(
  end: { readonly messages: AsyncIterable<PipeMessage> },
  code: number,
  options: ExpectMessageOptions = {},
): Promise<Uint8Array> {
  const { signal } = options
  const result = await abortable(signal, () => end.messages[Symbol.asyncIterator]().next())
  if (result.done === true) throw new Error(`expected message ${code}, but the messages ended`)
  const message = result.value
  if (message.code !== code) {
    throw new Error(`expected message ${code}, got message ${message.code} with payload ${hex(message.payload)}`)
  }
  const expected = options.payload
  if (expected !== undefined && hex(expected) !== hex(message.payload)) {
    throw new Error(`expected message ${code} with payload ${hex(expected)}, got ${hex(message.payload)}`)
  }
  return message.payload
}
