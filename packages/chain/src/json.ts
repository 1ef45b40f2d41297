import { hexToBytes } from '@noble/hashes/utils.js'
import { ChainError, type ChainErrorCode } from './errors.ts'

/** A JSON object whose keys come from a file. */
type JsonObject = Readonly<Record<string, unknown>>

/** Parses JSON keeping numbers exact: those beyond 2^53 come out as bigints (mainnet's terminal difficulty is one). */
export function parseExactJson(text: string): unknown {
  // The third argument is ES2025's; TypeScript's library does not know it yet.
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source ?? ''
    return /^\d{1,100}$/.test(source) ? BigInt(source) : value
  }
  return JSON.parse(text, reviver)
}

/** Reads fields of one JSON object; what does not fit is thrown with one code and the field's name. */
export interface JsonReader {
  readonly object: JsonObject
  /** A hex or decimal string or a number; undefined if it is absent or null. */
  quantity(key: string, maxBits: number): bigint | undefined
  /** A hex string of any length, or of exactly `length` bytes; undefined if it is absent or null. */
  bytes(key: string, length?: number): Uint8Array | undefined
  child(key: string): JsonReader | undefined
  fail(problem: string): never
}

export function readJson(value: unknown, name: string, code: ChainErrorCode): JsonReader {
  const fail = (problem: string): never => {
    throw new ChainError(code, `${name}: ${problem}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('expected an object')
  const object = value as JsonObject
  const field = (key: string): unknown => (Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined)
  return {
    object,
    quantity(key, maxBits) {
      const given = field(key)
      if (given === undefined) return undefined
      if (typeof given === 'number' && given > Number.MAX_SAFE_INTEGER) {
        return fail(`${key} lost digits as a JavaScript number: give the text of the file instead of what it parses to`)
      }
      const quantity = toQuantity(given)
      if (quantity === undefined || quantity >= 1n << BigInt(maxBits)) {
        return fail(`${key} must be a hex or decimal quantity below 2^${maxBits}`)
      }
      return quantity
    },
    bytes(key, length) {
      const given = field(key)
      if (given === undefined) return undefined
      const bytes = typeof given === 'string' ? toBytes(given) : undefined
      if (bytes === undefined || (length !== undefined && bytes.length !== length)) {
        return fail(`${key} must be ${length === undefined ? '' : `${length} bytes of `}0x-prefixed hex`)
      }
      return bytes
    },
    child(key) {
      const given = field(key)
      return given === undefined ? undefined : readJson(given, `${name}.${key}`, code)
    },
    fail,
  }
}

function toQuantity(given: unknown): bigint | undefined {
  if (typeof given === 'bigint') return given
  if (typeof given === 'number') return Number.isSafeInteger(given) && given >= 0 ? BigInt(given) : undefined
  if (typeof given !== 'string' || given.length > 100) return undefined
  if (/^0x[0-9a-f]*$/i.test(given)) return given.length === 2 ? 0n : BigInt(given)
  return /^\d*$/.test(given) ? BigInt(given === '' ? 0 : given) : undefined
}

/** Hex with or without 0x to bytes; undefined if it is none. */
export function toBytes(hex: string): Uint8Array | undefined {
  const digits = /^0x/i.test(hex) ? hex.slice(2) : hex
  if (digits.length % 2 === 1 || !/^[0-9a-f]*$/i.test(digits)) return undefined
  return hexToBytes(digits)
}
