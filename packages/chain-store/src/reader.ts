import { asBytes, type ChainDatabase, getRow } from './database.ts'
import { hashKey, type NumberTable, numberKey, readNumber } from './keys.ts'
import type { NumberCache } from './number-cache.ts'
import type { ChainState } from './state.ts'
import type { ChainStoreReader } from './types.ts'

/** How often a read that blocks were removed under is tried again before it gives up and finds nothing. */
const maxTries = 3

/** The reading side over a database; nothing is decoded. */
export function createReader(
  db: ChainDatabase,
  genesisHash: Uint8Array,
  state: ChainState,
  cache: NumberCache,
): ChainStoreReader {
  const getOne = (table: NumberTable, number: number): Promise<Uint8Array | undefined> =>
    isNumber(number) ? db.get(numberKey(table, number), asBytes) : Promise.resolve(undefined)

  async function numbersOf(hashes: readonly Uint8Array[]): Promise<(number | undefined)[]> {
    const numbers = hashes.map((hash) => cache.get(hash))
    const unknown = [...numbers.keys()].filter((index) => numbers[index] === undefined)
    if (unknown.length === 0) return numbers
    const { removals } = state
    const found = await db.getMany(
      unknown.map((index) => hashKey(hashes[index] as Uint8Array)),
      asBytes,
    )
    for (const [position, index] of unknown.entries()) {
      const value = found[position]
      if (value === undefined) continue
      const number = readNumber(value, 0)
      numbers[index] = number
      if (state.removals === removals) cache.set(hashes[index] as Uint8Array, number)
    }
    return numbers
  }

  /** What was read while no blocks were removed; `otherwise` when that does not succeed. */
  async function unbroken<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
    for (let tries = 0; tries < maxTries; tries++) {
      const { removals } = state
      const result = await read()
      if (state.removals === removals) return result
    }
    return otherwise
  }

  async function getByHashes(table: NumberTable, hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const read = async (): Promise<(Uint8Array | undefined)[]> => {
      const numbers = await numbersOf(hashes)
      const known = [...numbers.keys()].filter((index) => numbers[index] !== undefined)
      const found = await db.getMany(
        known.map((index) => numberKey(table, numbers[index] as number)),
        asBytes,
      )
      const values: (Uint8Array | undefined)[] = new Array(hashes.length).fill(undefined)
      for (const [position, index] of known.entries()) values[index] = found[position]
      return values
    }
    return unbroken(read, new Array(hashes.length).fill(undefined))
  }

  const getByHash = async (table: NumberTable, hash: Uint8Array): Promise<Uint8Array | undefined> =>
    (await getByHashes(table, [hash]))[0]

  /** The rows of `from`, `from + step`, …, up to the first that is not there. */
  function range(table: NumberTable, from: number, count: number, step = 1): Promise<Uint8Array[]> {
    return unbroken(async () => {
      const keys: Uint8Array[] = []
      for (
        let number = from;
        keys.length < count && isNumber(number) && number <= state.head().number;
        number += step
      ) {
        keys.push(numberKey(table, number))
      }
      return getRow(db, keys)
    }, [])
  }

  return {
    genesisHash,
    head: state.head,
    onHead: state.onHead,
    earliest: () => 0,
    hashByNumber: (number) => getOne('hash', number),
    numberByHash: async (hash) => (await numbersOf([hash]))[0],
    headerByNumber: (number) => getOne('header', number),
    headerByHash: (hash) => getByHash('header', hash),
    bodyByHash: (hash) => getByHash('body', hash),
    receiptsByHash: (hash) => getByHash('receipts', hash),
    hashRange: (from, count) => range('hash', from, count),
    headers: (hashes) => getByHashes('header', hashes),
    bodies: (hashes) => getByHashes('body', hashes),
    receipts: (hashes) => getByHashes('receipts', hashes),

    async headerRange(from, count, step = 1) {
      if (!Number.isSafeInteger(step) || step === 0)
        throw new RangeError(`step must be a whole number, not 0, got ${step}`)
      return range('header', from, count, step)
    },
  }
}

function isNumber(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0
}
