/** A Buffer's bytes as a plain array: a Buffer's `slice` shares memory, which no caller of this package expects. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
