import type { Cursor } from './cursor.ts'
import { RlpError } from './errors.ts'
import type { Schema } from './schema.ts'
import { EncodedItem } from './writer.ts'

/** At most `max` bytes, as a view. */
export function bytes(max: number): Schema<Uint8Array> {
  const expects = `at most ${max} bytes`
  return {
    expects,
    read(input) {
      readBounded(input, max, expects)
      return input.payload()
    },
    toItem(value) {
      if (value.length > max) throw new RangeError(`expected ${expects}, got ${value.length}`)
      return value
    },
  }
}

/** Exactly `length` bytes, as a view. */
export function fixedBytes(length: number): Schema<Uint8Array> {
  const expects = `${length} bytes`
  return {
    expects,
    read(input) {
      input.nextBytes(expects)
      const got = input.payloadEnd - input.payloadStart
      if (got !== length) throw new RlpError('RLP_LENGTH', `expected ${expects}, got ${got}`)
      return input.payload()
    },
    toItem(value) {
      if (value.length !== length) throw new RangeError(`expected ${expects}, got ${value.length}`)
      return value
    },
  }
}

/** Exactly `length` bytes as a view, or the empty string as `undefined`: a transaction's `to`. */
export function optionalBytes(length: number): Schema<Uint8Array | undefined> {
  const expects = `${length} bytes or none`
  return {
    expects,
    read(input) {
      input.nextBytes(expects)
      const got = input.payloadEnd - input.payloadStart
      if (got === 0) return undefined
      if (got !== length) throw new RlpError('RLP_LENGTH', `expected ${expects}, got ${got}`)
      return input.payload()
    },
    toItem(value) {
      if (value === undefined) return new Uint8Array(0)
      if (value.length !== length) throw new RangeError(`expected ${expects}, got ${value.length}`)
      return value
    },
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 text of at most `maxBytes` bytes. */
export function utf8(maxBytes: number): Schema<string> {
  const expects = `at most ${maxBytes} bytes of UTF-8`
  return {
    expects,
    read(input) {
      readBounded(input, maxBytes, expects)
      try {
        return decoder.decode(input.payload())
      } catch {
        throw new RlpError('RLP_VALUE', 'expected UTF-8')
      }
    },
    toItem(value) {
      const encoded = encoder.encode(value)
      if (encoded.length > maxBytes) throw new RangeError(`expected ${expects}, got ${encoded.length}`)
      return encoded
    },
  }
}

/**
 * One whole item of at most `maxBytes`, header included and content not looked at, as a view; written as it is.
 * For what is decoded later, or never: a body to store, a transaction to hash.
 */
export function raw(maxBytes: number): Schema<Uint8Array> {
  const expects = `an item of at most ${maxBytes} bytes`
  return {
    expects,
    read(input) {
      const start = input.position
      input.next()
      const length = input.position - start
      if (length > maxBytes) throw new RlpError('RLP_TOO_LARGE', `expected ${expects}, got ${length}`)
      return input.source.subarray(start, input.position)
    },
    toItem(value) {
      if (value.length > maxBytes) throw new RangeError(`expected ${expects}, got ${value.length}`)
      return new EncodedItem(value)
    },
  }
}

function readBounded(input: Cursor, max: number, expects: string): void {
  input.nextBytes(expects)
  const length = input.payloadEnd - input.payloadStart
  if (length > max) throw new RlpError('RLP_TOO_LARGE', `expected ${expects}, got ${length}`)
}
