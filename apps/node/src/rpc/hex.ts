/** Bytes as geth's JSON has them: 0x and two digits a byte. */
export function hexBytes(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** A number as geth's JSON has it: 0x and no leading zeros. */
export function hexQuantity(value: bigint | number): string {
  return `0x${value.toString(16)}`
}

/** Bytes of hex with 0x; undefined if it is not hex of exactly `length` bytes. */
export function parseHexBytes(text: string, length: number): Uint8Array | undefined {
  if (text.length !== 2 + 2 * length || !/^0x[0-9a-f]*$/i.test(text)) return undefined
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
}
