import { FrameError } from './errors.ts'

/** The largest message code that fits: 4 bytes. */
export const maxCode: number = 2 ** 32 - 1

/** How many bytes a code takes as RLP. */
export function codeBytes(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x100) return 2
  if (code < 0x1_0000) return 3
  return code < 0x100_0000 ? 4 : 5
}

/** Writes a code as RLP at the start of `target`. */
export function writeCode(code: number, target: Uint8Array): void {
  const length = codeBytes(code)
  if (length === 1) {
    target[0] = code === 0 ? 0x80 : code
    return
  }
  target[0] = 0x80 + length - 1
  for (let index = 1; index < length; index++) target[index] = Math.floor(code / 2 ** (8 * (length - 1 - index)))
}

/**
 * Reads the code at the start of a message (RLPx, "Framing": `msg-id` as an RLP integer).
 * @throws FrameError `FRAME_CODE`
 */
export function readCode(message: Uint8Array): number {
  const first = message[0]!
  if (first === 0x80) return 0
  if (first > 0 && first < 0x80) return first
  const length = first - 0x80
  // Canonical: a first byte that is not zero, and no second byte for what one can say.
  if (
    length < 1 ||
    length > 4 ||
    message.length <= length ||
    message[1] === 0 ||
    (length === 1 && message[1]! < 0x80)
  ) {
    throw new FrameError('FRAME_CODE', 'expected a message code: a canonical RLP integer of up to 4 bytes')
  }
  let code = 0
  for (let index = 1; index <= length; index++) code = code * 256 + message[index]!
  return code
}
