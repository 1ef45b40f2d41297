import type { Random } from './random.ts'

// What one call of the platform's generator may fill.
const maxBytesPerCall = 65_536

/** The platform's own generator, `globalThis.crypto`: browsers and every server runtime have it. */
export const webRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length)
    for (let start = 0; start < length; start += maxBytesPerCall) {
      globalThis.crypto.getRandomValues(bytes.subarray(start, start + maxBytesPerCall))
    }
    return bytes
  },
}
