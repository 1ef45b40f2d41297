import { Cursor } from './cursor.ts'
import { RlpError } from './errors.ts'
import { type Item, writeItem } from './writer.ts'

/**
 * What an item looks like: how it is read, and how a value becomes one. Schemas are values; make them once.
 * Reading gives views into the source: copy what is to outlive it.
 */
export interface Schema<T> {
  /** For messages: `a list of at most 1024`. */
  readonly expects: string
  /** Reads one item at the cursor and moves behind it. @throws RlpError */
  read(input: Cursor): T
  /** @throws TypeError, RangeError when the value does not fit the schema */
  toItem(value: T): Item
}

/** The TypeScript type of a schema's values. */
export type Infer<S> = S extends Schema<infer T> ? T : never

/** Reads the one item that `source` is. @throws RlpError */
export function decode<T>(schema: Schema<T>, source: Uint8Array): T {
  const { value, end } = decodePrefix(schema, source)
  if (end !== source.length) throw new RlpError('RLP_TRAILING', `${source.length - end} bytes after the item`)
  return value
}

/**
 * Reads the item that `source` begins with; `end` is where it ends. What follows is not looked at. @throws RlpError
 *
 * @example
 * import { decodePrefix, u64 } from '@ethwire/rlp-codec'
 *
 * console.log(decodePrefix(u64, Uint8Array.of(0x82, 0x01, 0x00, 0xff))) // { value: 256n, end: 3 }
 */
export function decodePrefix<T>(schema: Schema<T>, source: Uint8Array): { value: T; end: number } {
  const input = new Cursor(source)
  const value = schema.read(input)
  return { value, end: input.position }
}

/** Writes a value. @throws TypeError, RangeError when the value does not fit the schema */
export function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  return writeItem(schema.toItem(value))
}
