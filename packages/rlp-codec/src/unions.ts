import { RlpError } from './errors.ts'
import type { Schema } from './schema.ts'

/** The two alternatives of `byKind`, and which of them a value is. */
export interface KindAlternatives<A, B> {
  readonly bytes: Schema<A>
  readonly list: Schema<B>
  readonly isBytes: (value: A | B) => value is A
}

/** One schema if the item is a byte string, another if it is a list: an enveloped or a legacy transaction. */
export function byKind<A, B>(alternatives: KindAlternatives<A, B>): Schema<A | B> {
  const { bytes, list, isBytes } = alternatives
  return {
    expects: `${bytes.expects} or ${list.expects}`,
    read(input) {
      const first = input.position < input.end ? (input.source[input.position] as number) : 0
      return first < 0xc0 ? bytes.read(input) : list.read(input)
    },
    toItem: (value) => (isBytes(value) ? bytes.toItem(value) : list.toItem(value as B)),
  }
}

/** Another shape for a schema's values. `read` may throw `RlpError`; any RangeError or TypeError of it becomes one. */
export function convert<W, T>(wire: Schema<W>, by: { read(value: W): T; write(value: T): W }): Schema<T> {
  return {
    expects: wire.expects,
    read(input) {
      const value = wire.read(input)
      try {
        return by.read(value)
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) throw new RlpError('RLP_VALUE', error.message)
        throw error
      }
    },
    toItem: (value) => wire.toItem(by.write(value)),
  }
}
