import { readFileSync } from 'node:fs'
import { hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'vitest'
import { ChainError, type ChainErrorCode } from '../src/index.ts'

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}`, import.meta.url), 'utf8')) as T
}

export function hex(text: string): Uint8Array {
  return hexToBytes(text.startsWith('0x') ? text.slice(2) : text)
}

export function expectCode(step: () => unknown, code: ChainErrorCode): void {
  let caught: unknown
  try {
    step()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(ChainError)
  expect((caught as ChainError).code).toBe(code)
}

export interface ChainVectors {
  readonly genesis: unknown
  readonly genesisHash: string
  readonly blocks: readonly {
    readonly hash: string
    readonly block: string
    readonly receipts: string
    readonly consensusReceipts: readonly string[] | null
  }[]
}
