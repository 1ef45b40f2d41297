import { randomFillSync } from 'node:crypto'
import type { Random } from '../random.ts'

/** The operating system's randomness, cryptographically strong. */
export const nodeRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
}
