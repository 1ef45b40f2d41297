import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { loadNativeCrypto } from '@ethwire/crypto-native'
import type { Logger } from '@ethwire/io'
import { onTestFinished } from 'vitest'
import { type OpenChain, openChain } from '../src/chain.ts'
import { type ImportResult, importBlocks } from '../src/import.ts'
import { type ChosenNetwork, loadNetwork } from '../src/network.ts'

export const crypto: Crypto = loadNativeCrypto().crypto ?? pureCrypto

const inSampleChain = (name: string): string => fileURLToPath(new URL(`../sample-chain/${name}`, import.meta.url))
export const sampleGenesis: string = inSampleChain('genesis.json')
export const sampleFile: string = inSampleChain('chain.rlp.gz')
export const sampleHead = {
  number: 1200,
  hash: '0xab05240a33a161bc5facd8890ed47f01a22349983dd2c06ccf22160e78c0a2a6',
} as const

/** Removed when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ethwire-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A logger that keeps its lines. */
export function keepingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const keep = (_fields: unknown, message: string): void => void lines.push(message)
  return { lines, trace: keep, debug: keep, info: keep, warn: keep, error: keep }
}

export function sampleNetwork(): Promise<ChosenNetwork> {
  return loadNetwork({ genesisFile: sampleGenesis }, crypto)
}

/** A chain in memory that begins with the sample chain's genesis. */
export async function emptySampleChain(): Promise<OpenChain> {
  const chain = await openChain(undefined, await sampleNetwork())
  onTestFinished(() => chain[Symbol.asyncDispose]())
  return chain
}

export async function importInto(chain: OpenChain, file: string = sampleFile): Promise<ImportResult> {
  const { config } = await sampleNetwork()
  return importBlocks(file, { store: chain.store, crypto, config, logger: keepingLogger() })
}
