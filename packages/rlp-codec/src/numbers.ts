import type { Cursor } from './cursor.ts'
import { RlpError } from './errors.ts'
import type { Schema } from './schema.ts'
import { uintBytes } from './writer.ts'

/** An unsigned integer of at most `maxBytes` bytes, as a bigint. */
export function uint(maxBytes: number): Schema<bigint> {
  if (!Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > 32) {
    throw new RangeError(`maxBytes must be from 1 to 32, got ${maxBytes}`)
  }
  const expects = `an unsigned integer of at most ${maxBytes} bytes`
  const bound = 1n << BigInt(8 * maxBytes)
  return {
    expects,
    read(input) {
      const length = readUintHeader(input, maxBytes, expects)
      return length <= 6 ? BigInt(readSmall(input)) : readLarge(input)
    },
    toItem(value) {
      if (typeof value !== 'bigint') throw new TypeError(`expected a bigint, got ${typeof value}`)
      if (value < 0n || value >= bound) throw new RangeError(`expected ${expects}, got ${value}`)
      return uintBytes(value)
    },
  }
}

/** An unsigned integer up to `max`, as a number. */
function smallUint(max: number): Schema<number> {
  const maxBytes = Math.ceil(Math.log2(max + 1) / 8)
  const expects = `an unsigned integer up to ${max}`
  return {
    expects,
    read(input) {
      const length = readUintHeader(input, maxBytes, expects)
      const value = length <= 6 ? readSmall(input) : Number(readLarge(input))
      if (value > max) throw new RlpError('RLP_TOO_LARGE', `expected ${expects}`)
      return value
    },
    toItem(value) {
      if (!Number.isInteger(value) || value < 0 || value > max)
        throw new RangeError(`expected ${expects}, got ${value}`)
      return uintBytes(value)
    },
  }
}

export const u8: Schema<number> = smallUint(0xff)
export const u16: Schema<number> = smallUint(0xffff)
export const u32: Schema<number> = smallUint(0xffffffff)
/** Up to 2^53 − 1: for quantities that are used as numbers. */
export const safeUint: Schema<number> = smallUint(Number.MAX_SAFE_INTEGER)
export const u64: Schema<bigint> = uint(8)
export const u256: Schema<bigint> = uint(32)

/** 0 or 1. */
export const bool: Schema<boolean> = {
  expects: '0 or 1',
  read(input) {
    readUintHeader(input, 1, '0 or 1')
    const value = readSmall(input)
    if (value > 1) throw new RlpError('RLP_VALUE', `expected 0 or 1, got ${value}`)
    return value === 1
  },
  toItem: (value) => (value ? Uint8Array.of(1) : new Uint8Array(0)),
}

/** Checks length and form before any digit is converted; returns the length in bytes. */
function readUintHeader(input: Cursor, maxBytes: number, expects: string): number {
  input.nextBytes(expects)
  const length = input.payloadEnd - input.payloadStart
  if (length > maxBytes) throw new RlpError('RLP_TOO_LARGE', `expected ${expects}, got ${length} bytes`)
  if (length > 0 && input.source[input.payloadStart] === 0) {
    throw new RlpError('RLP_NOT_CANONICAL', 'an integer has a leading zero')
  }
  return length
}

function readSmall(input: Cursor): number {
  let value = 0
  for (let i = input.payloadStart; i < input.payloadEnd; i++) value = value * 256 + (input.source[i] as number)
  return value
}

function readLarge(input: Cursor): bigint {
  let value = 0n
  let word = 0
  let width = 0
  for (let i = input.payloadStart; i < input.payloadEnd; i++) {
    word = word * 256 + (input.source[i] as number)
    width += 8
    if (width === 48) {
      value = (value << 48n) | BigInt(word)
      word = 0
      width = 0
    }
  }
  return width === 0 ? value : (value << BigInt(width)) | BigInt(word)
}
