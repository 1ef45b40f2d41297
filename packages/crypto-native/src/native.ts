import { createRequire } from 'node:module'
import { type Crypto, createCryptoBackend } from '@ethwire/crypto'
import { nativeAesBlock, nativeAesCtr } from './aes.ts'
import { hmacSha256, keccak, sha256 } from './hashes.ts'

/** The native backend, or why this machine has none. */
export type NativeCryptoLoad =
  | { readonly crypto: Crypto }
  | { readonly crypto?: undefined; readonly unavailable: string }

/** What is used of libsecp256k1's bindings. */
interface Secp256k1 {
  privateKeyVerify(key: Uint8Array): boolean
  publicKeyVerify(point: Uint8Array): boolean
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array
  publicKeyConvert(point: Uint8Array, compressed: boolean): Uint8Array
  ecdsaSign(hash: Uint8Array, key: Uint8Array): { readonly signature: Uint8Array; readonly recid: number }
  ecdsaRecover(rs: Uint8Array, recoveryId: number, hash: Uint8Array, compressed: boolean): Uint8Array
  ecdsaVerify(rs: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean
  ecdh(
    point: Uint8Array,
    key: Uint8Array,
    options: { hashfn(x: Uint8Array, y: Uint8Array): Uint8Array; xbuf: Uint8Array; ybuf: Uint8Array },
    output: Uint8Array,
  ): Uint8Array
}

const require = createRequire(import.meta.url)

let loaded: NativeCryptoLoad | undefined

/**
 * Looks for libsecp256k1's prebuilt bindings (linux-x64, darwin-arm64, win32-x64) and takes them, with the OpenSSL that
 * the runtime carries. Never throws and never compiles or downloads; looks once a process.
 *
 * @example
 * import { pureCrypto } from '@ethwire/crypto'
 * import { loadNativeCrypto } from '@ethwire/crypto-native'
 *
 * const native = loadNativeCrypto()
 * if (!native.crypto) console.log('no native crypto, using the slower pure one:', native.unavailable)
 * const crypto = native.crypto ?? pureCrypto
 */
export function loadNativeCrypto(): NativeCryptoLoad {
  loaded ??= load(() => require('secp256k1/bindings') as Secp256k1)
  return loaded
}

/** As `loadNativeCrypto`, with the bindings from `find`. */
export function load(find: () => Secp256k1): NativeCryptoLoad {
  try {
    const secp = find()
    const crypto = createCryptoBackend(primitives(secp))
    // Bindings that load but cannot calculate (a wrong build) must not be met first by a peer.
    crypto.recover(new Uint8Array(32).fill(1), crypto.sign(new Uint8Array(32).fill(1), new Uint8Array(32).fill(1)))
    return { crypto }
  } catch (error) {
    return { unavailable: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

function primitives(secp: Secp256k1): Parameters<typeof createCryptoBackend>[0] {
  return {
    name: keccak.native ? 'libsecp256k1 + OpenSSL' : 'libsecp256k1 + OpenSSL, keccak by noble',
    isPrivateKey: (key) => secp.privateKeyVerify(key),
    isPoint: (point) => secp.publicKeyVerify(point),
    publicPoint: (privateKey) => secp.publicKeyCreate(privateKey, false),
    compress: (point) => secp.publicKeyConvert(point, true),
    decompress: (point) => secp.publicKeyConvert(point, false),
    sharedPoint(privateKey, point) {
      const xbuf = new Uint8Array(32)
      const ybuf = new Uint8Array(32)
      const shared = new Uint8Array(33)
      // The library would hash the point; RLPx and discv5 want it bare.
      const hashfn = (x: Uint8Array, y: Uint8Array): Uint8Array => {
        const compressed = new Uint8Array(33)
        compressed[0] = 2 + (y[31]! & 1)
        compressed.set(x, 1)
        return compressed
      }
      secp.ecdh(point, privateKey, { hashfn, xbuf, ybuf }, shared)
      xbuf.fill(0)
      ybuf.fill(0)
      return shared
    },
    sign(hash, privateKey) {
      const { signature, recid } = secp.ecdsaSign(hash, privateKey)
      const rsv = new Uint8Array(65)
      rsv.set(signature)
      rsv[64] = recid
      return rsv
    },
    recover: (hash, rs, recoveryId) => secp.ecdsaRecover(rs, recoveryId, hash, false),
    verify: (hash, rs, point) => secp.ecdsaVerify(rs, hash, point),
    keccak256: keccak.hash,
    createKeccak256: keccak.create,
    sha256,
    hmacSha256,
    aesCtr: nativeAesCtr,
    aesBlock: nativeAesBlock,
  }
}

/** The native backend if this machine has it. */
export const nativeCrypto: Crypto | undefined = loadNativeCrypto().crypto
