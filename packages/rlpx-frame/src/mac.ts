import type { Crypto } from '@ethwire/crypto'

/** Bytes of a MAC on the wire. */
export const macBytes = 16

/** One direction's running MAC (RLPx, "MAC"). Each call must see what the other side's saw, in the same order. */
export interface FrameMac {
  /** The MAC of an encrypted header of 16 bytes. */
  header(ciphertext: Uint8Array): Uint8Array
  /** The MAC of an encrypted, padded body. */
  body(ciphertext: Uint8Array): Uint8Array
}

export function createFrameMac(crypto: Crypto, macKey: Uint8Array, seed: Uint8Array): FrameMac {
  const cipher = crypto.aesBlock(macKey)
  const state = crypto.createKeccak256().update(seed)
  // A frame ends with the digest that the next begins with: keeping it saves one of four, the bulk of a small frame.
  let digest = state.digest()

  const mix = (block: Uint8Array): Uint8Array => {
    const mixed = cipher.encrypt(digest.subarray(0, macBytes))
    for (let index = 0; index < macBytes; index++) mixed[index]! ^= block[index]!
    digest = state.update(mixed).digest()
    return digest.subarray(0, macBytes)
  }

  return {
    header: mix,
    body(ciphertext) {
      digest = state.update(ciphertext).digest()
      return mix(digest)
    },
  }
}
