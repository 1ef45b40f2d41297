import { parseChainConfig } from './config-json.ts'
import type { Genesis } from './genesis.ts'
import { type JsonReader, parseExactJson, readJson, toBytes } from './json.ts'
import type { GenesisAccount } from './state-root.ts'

/**
 * Reads geth's genesis.json: its text, or what it parses to (numbers over 2^53 are exact only in the text). Quantities
 * may be hex or decimal; addresses may lack 0x; storage keys and values may be shorter than 32 bytes.
 * @throws ChainError `CHAIN_GENESIS`, `CHAIN_CONFIG`
 */
export function parseGenesis(json: unknown): Genesis {
  const reader = readJson(typeof json === 'string' ? parseText(json) : json, 'genesis', 'CHAIN_GENESIS')
  const alloc = reader.child('alloc') ?? reader.fail('alloc is missing')
  return {
    config: parseChainConfig(reader.object.config),
    nonce: reader.quantity('nonce', 64) ?? 0n,
    timestamp: reader.quantity('timestamp', 64) ?? 0n,
    extraData: reader.bytes('extraData') ?? new Uint8Array(0),
    gasLimit: reader.quantity('gasLimit', 64) ?? reader.fail('gasLimit is missing'),
    difficulty: reader.quantity('difficulty', 80) ?? reader.fail('difficulty is missing'),
    mixHash: reader.bytes('mixHash', 32) ?? new Uint8Array(32),
    coinbase: reader.bytes('coinbase', 20) ?? new Uint8Array(20),
    alloc: readAlloc(alloc),
    number: reader.quantity('number', 64) ?? 0n,
    gasUsed: reader.quantity('gasUsed', 64) ?? 0n,
    parentHash: reader.bytes('parentHash', 32) ?? new Uint8Array(32),
    baseFeePerGas: reader.quantity('baseFeePerGas', 256),
    excessBlobGas: reader.quantity('excessBlobGas', 64),
    blobGasUsed: reader.quantity('blobGasUsed', 64),
    slotNumber: reader.quantity('slotNumber', 64),
  }
}

function parseText(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    return readJson(undefined, `genesis is not JSON (${String(error)})`, 'CHAIN_GENESIS')
  }
}

function readAlloc(alloc: JsonReader): [Uint8Array, GenesisAccount][] {
  const addresses = Object.keys(alloc.object)
  const distinct = new Set(addresses.map((address) => address.toLowerCase().replace(/^0x/, '')))
  if (distinct.size !== addresses.length) return alloc.fail('an address is there twice')
  return addresses.map((address) => [readAddress(address, alloc), readAccount(address, alloc)])
}

function readAddress(address: string, alloc: JsonReader): Uint8Array {
  const bytes = toBytes(address)
  return bytes?.length === 20 ? bytes : alloc.fail(`${address.slice(0, 50)} is not an address of 20 bytes`)
}

function readAccount(address: string, alloc: JsonReader): GenesisAccount {
  const account = alloc.child(address) ?? alloc.fail(`${address} is null`)
  const storage = account.child('storage')
  return {
    balance: account.quantity('balance', 256) ?? account.fail('balance is missing'),
    nonce: account.quantity('nonce', 64) ?? 0n,
    code: account.bytes('code') ?? new Uint8Array(0),
    storage:
      storage === undefined
        ? []
        : Object.entries(storage.object).map(([key, value]) => [readWord(key, storage), readWord(value, storage)]),
  }
}

/** 32 bytes, of which leading ones may be left out. */
function readWord(hex: unknown, storage: JsonReader): Uint8Array {
  const bytes = typeof hex === 'string' ? toBytes(hex) : undefined
  if (bytes === undefined || bytes.length > 32) return storage.fail('keys and values must be up to 32 bytes of hex')
  const word = new Uint8Array(32)
  word.set(bytes, 32 - bytes.length)
  return word
}
