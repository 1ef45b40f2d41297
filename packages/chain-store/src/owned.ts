/** The bytes in memory of their own: a view into a message would keep the whole message alive, or change with it. */
export function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
