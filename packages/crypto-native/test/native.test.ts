import { cryptoConformance } from '@ethwire/crypto/conformance'
import { describe, expect, test } from 'vitest'
import * as index from '../src/index.ts'
import { load } from '../src/native.ts'

test('the package exports its loader and nothing else', () => {
  expect(Object.keys(index).sort()).toEqual(['loadNativeCrypto', 'nativeCrypto'])
})

const { crypto } = index.loadNativeCrypto()

describe.skipIf(crypto === undefined)('the native backend', () => {
  for (const { name, run } of crypto ? cryptoConformance(crypto) : []) test(name, run)
})

test('a machine without the bindings gets the reason and no exception', () => {
  const result = load(() => {
    throw new Error('No native build was found for platform=plan9\n    attempted loading from: somewhere')
  })
  expect(result).toEqual({ unavailable: 'No native build was found for platform=plan9' })
})

test('bindings that load but cannot calculate are not taken', () => {
  const result = load(() => ({ privateKeyVerify: () => true }) as unknown as ReturnType<Parameters<typeof load>[0]>)
  expect(result.crypto).toBeUndefined()
})

test('detection looks once and gives one backend', () => {
  expect(index.loadNativeCrypto()).toBe(index.loadNativeCrypto())
  expect(index.nativeCrypto).toBe(crypto)
})
