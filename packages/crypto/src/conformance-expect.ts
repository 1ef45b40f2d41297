import { bytesToHex } from '@noble/hashes/utils.js'
import { CryptoError, type CryptoErrorCode } from './errors.ts'

/** One behaviour: a sentence, and a function that throws where it does not hold. */
export interface ConformanceCase {
  readonly name: string
  run(): void
}

export function expectBytes(got: Uint8Array, expectedHex: string): void {
  // A Buffer would slip through in Node and surprise where it is sliced: slice() of a Buffer shares memory.
  if (Object.getPrototypeOf(got) !== Uint8Array.prototype) throw new Error('expected a plain Uint8Array')
  const hex = bytesToHex(got)
  if (hex !== expectedHex) throw new Error(`expected ${expectedHex}, got ${hex}`)
}

export function expectThat(condition: boolean, expected: string): void {
  if (!condition) throw new Error(`expected ${expected}`)
}

export function expectCode(code: CryptoErrorCode, work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (error instanceof CryptoError && error.code === code) return
    throw new Error(`expected a CryptoError ${code}`, { cause: error })
  }
  throw new Error(`expected a CryptoError ${code}, but nothing was thrown`)
}

export function expectRangeError(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (error instanceof RangeError) return
    throw new Error('expected a RangeError', { cause: error })
  }
  throw new Error('expected a RangeError, but nothing was thrown')
}

/** Bytes that are the same every time and of no pattern. */
export function filler(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 0x9e3779b9
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}
