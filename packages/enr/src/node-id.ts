import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** 32 bytes: keccak-256 of the public key (EIP-778, "v4"). For keys of maps use its hex form. */
export type NodeId = Uint8Array

/** Anything with a `crypto` to choose; the pure one by default. */
export interface CryptoOption {
  crypto?: Crypto
}

/** The node ID of a 64-byte public key. @throws RangeError for another length */
export function nodeIdFromPublicKey(publicKey: Uint8Array, options: CryptoOption = {}): NodeId {
  if (publicKey.length !== 64) throw new RangeError(`a public key has 64 bytes, got ${publicKey.length}`)
  return (options.crypto ?? pureCrypto).keccak256(publicKey)
}

/** 64 hex digits, as geth shows a node ID. */
export function formatNodeId(nodeId: NodeId): string {
  return bytesToHex(nodeId)
}

/** A node ID from 64 hex digits, with or without `0x`. @throws TypeError when it is none */
export function parseNodeId(text: string): NodeId {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length !== 64 || !/^[0-9a-fA-F]+$/.test(digits)) throw new TypeError('a node ID has 64 hex digits')
  return hexToBytes(digits)
}
