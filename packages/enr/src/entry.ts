import { encode, type Schema } from '@ethwire/rlp-codec'

/** A key of a record and its value as RLP. */
export interface EntryValue {
  readonly key: string
  readonly value: Uint8Array
}

/** A key of records and what its value looks like. */
export interface RecordEntry<T> {
  /** Each character stands for one byte. */
  readonly key: string
  readonly schema: Schema<T>
  /** The entry with a value, to sign. @throws TypeError, RangeError when the value does not fit */
  of(value: T): EntryValue
}

/**
 * Defines an entry of node records. Protocols define their own: `defineEntry('eth', struct({ … }))`.
 *
 * @throws TypeError for a key that no record may have
 */
export function defineEntry<T>(key: string, schema: Schema<T>): RecordEntry<T> {
  checkKey(key)
  return { key, schema, of: (value) => ({ key, value: encode(schema, value) }) }
}

/** @throws TypeError */
export function checkKey(key: string): void {
  if (key === '' || key === forbiddenKey || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError(`a key has visible ASCII characters only, got ${JSON.stringify(key)}`)
  }
}

/** Of no use in a record, and a trap for programs that keep entries in plain objects. */
export const forbiddenKey = '__proto__'
