/** Remembers the numbers of the hashes seen last. */
export interface NumberCache {
  get(hash: Uint8Array): number | undefined
  set(hash: Uint8Array, number: number): void
  clear(): void
}

/** @param limit how many hashes are kept; about 150 bytes each */
export function createNumberCache(limit: number): NumberCache {
  // bounded: limit entries, the oldest goes first
  const numbers = new Map<string, number>()
  return {
    get: (hash) => numbers.get(toText(hash)),
    set(hash, number) {
      if (limit === 0) return
      if (numbers.size >= limit) {
        const [oldest] = numbers.keys()
        if (oldest !== undefined) numbers.delete(oldest)
      }
      numbers.set(toText(hash), number)
    },
    clear: () => numbers.clear(),
  }
}

function toText(hash: Uint8Array): string {
  return String.fromCharCode(...hash)
}
