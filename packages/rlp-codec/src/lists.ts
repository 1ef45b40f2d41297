import type { Cursor } from './cursor.ts'
import { RlpError } from './errors.ts'
import type { Infer, Schema } from './schema.ts'
import type { Item } from './writer.ts'

/** At most `maxCount` items of one schema. */
export function list<T>(item: Schema<T>, maxCount: number): Schema<T[]> {
  const expects = `a list of at most ${maxCount}`
  return {
    expects,
    read(input) {
      const outerEnd = input.enterList(expects)
      const values: T[] = []
      while (input.position < input.end) {
        if (values.length === maxCount) throw new RlpError('RLP_TOO_MANY', `expected ${expects}`)
        values.push(readWithin(item, input, values.length))
      }
      input.leave(outerEnd)
      return values
    },
    toItem(values) {
      if (values.length > maxCount) throw new RangeError(`expected ${expects}, got ${values.length}`)
      return values.map((value) => item.toItem(value))
    },
  }
}

type Fields = Readonly<Record<string, Schema<unknown>>>

/** The value of a `struct`: its fields, those of the optional tail possibly undefined. */
export type StructValue<F extends Fields, O extends keyof F> = {
  [K in Exclude<keyof F, O>]: Infer<F[K]>
} & { [K in O]?: Infer<F[K]> | undefined }

/** `optional` names fields at the end that may be absent; `extras` says what to do with items after the last field. */
export interface StructOptions<O> {
  readonly optional?: readonly O[]
  readonly extras?: 'reject' | 'ignore'
}

/**
 * A list with named items, in the order of the fields.
 *
 * @example
 * import { decode, encode, type Infer, list, struct, u64, utf8 } from '@ethwire/rlp-codec'
 *
 * const fields = { since: u64, lines: list(utf8(280), 100), note: utf8(100) }
 * const history = struct(fields, { optional: ['note'], extras: 'ignore' })
 * const value: Infer<typeof history> = { since: 7n, lines: ['hello'], note: undefined }
 * console.log(decode(history, encode(history, value)))
 */
export function struct<const F extends Fields, const O extends keyof F & string = never>(
  fields: F,
  options: StructOptions<O> = {},
): Schema<StructValue<F, NoInfer<O>>> {
  const names = Object.keys(fields)
  const optional = new Set<string>(options.optional ?? [])
  const required = names.length - optional.size
  if (names.slice(0, required).some((name) => optional.has(name))) {
    throw new TypeError('optional fields must be the last ones')
  }
  const ignoreExtras = options.extras === 'ignore'
  const expects = `a list of ${names.join(', ')}`
  return {
    expects,
    read(input) {
      const outerEnd = input.enterList(expects)
      const value: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) {
        if (i >= required && input.position >= input.end) break
        const name = names[i] as string
        value[name] = readWithin(fields[name] as Schema<unknown>, input, name)
      }
      leaveFully(input, outerEnd, ignoreExtras, expects)
      return value as StructValue<F, O>
    },
    toItem(value) {
      const record = value as Readonly<Record<string, unknown>>
      let count = names.length
      while (count > required && record[names[count - 1] as string] === undefined) count--
      const items: Item[] = []
      for (const name of names.slice(0, count)) {
        if (record[name] === undefined && optional.has(name)) {
          throw new TypeError(`${name} is missing, but a later optional field is given`)
        }
        items.push((fields[name] as Schema<unknown>).toItem(record[name]))
      }
      return items
    },
  }
}

type TupleValue<S extends readonly Schema<unknown>[]> = { -readonly [K in keyof S]: Infer<S[K]> }

/** A list with one item for each schema. */
export function tuple<const S extends readonly Schema<unknown>[]>(
  schemas: S,
  options: { readonly extras?: 'reject' | 'ignore' } = {},
): Schema<TupleValue<S>> {
  const expects = `a list of ${schemas.length} items`
  return {
    expects,
    read(input) {
      const outerEnd = input.enterList(expects)
      const values = schemas.map((schema, index) => readWithin(schema, input, index))
      leaveFully(input, outerEnd, options.extras === 'ignore', expects)
      return values as TupleValue<S>
    },
    toItem(values) {
      if (values.length !== schemas.length)
        throw new TypeError(`expected ${schemas.length} items, got ${values.length}`)
      return schemas.map((schema, index) => schema.toItem(values[index]))
    },
  }
}

function leaveFully(input: Cursor, outerEnd: number, ignoreExtras: boolean, expects: string): void {
  if (input.position < input.end && !ignoreExtras) throw new RlpError('RLP_EXTRA', `expected ${expects} and no more`)
  input.leave(outerEnd)
}

function readWithin<T>(schema: Schema<T>, input: Cursor, step: string | number): T {
  try {
    return schema.read(input)
  } catch (error) {
    throw error instanceof RlpError ? error.within(step) : error
  }
}
