import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { type ChainDatabase, type ChainStore, openChainStore } from '../src/index.ts'
import { genesis, makeBlocks } from './helpers.ts'

/** A store that does something when it has read rows, before it hands them out. */
async function storeWithPause(): Promise<{ store: ChainStore; onRead(work: () => Promise<void>): void }> {
  const db = new MemoryLevel() as unknown as ChainDatabase
  let pending: (() => Promise<void>) | undefined
  const afterRead = async (): Promise<void> => {
    const work = pending
    pending = undefined
    await work?.()
  }
  const slow: ChainDatabase = {
    open: () => db.open(),
    get: (key, options) => db.get(key, options),
    hasMany: (keys, options) => db.hasMany(keys, options),
    batch: (operations, options) => db.batch(operations, options),
    iterator: (options) => db.iterator(options),
    clear: (options) => db.clear(options),
    async getMany(keys, options) {
      const found = await db.getMany(keys, options)
      await afterRead()
      return found
    },
  }
  const store = await openChainStore({ db: slow, genesis })
  return {
    store,
    onRead(work) {
      pending = work
    },
  }
}

for (const step of [1, 2, -1]) {
  test(`a range with step ${step} that blocks are removed under is read again`, async () => {
    const { store, onRead } = await storeWithPause()
    const blocks = makeBlocks(20)
    const other = makeBlocks(12, blocks[9], 1)
    await store.append(blocks)
    onRead(async () => {
      await store.rewind(10)
      await store.append(other)
    })
    const from = step > 0 ? 8 : 14
    const chain = [...blocks.slice(0, 10), ...other]
    const expected = [0, 1, 2, 3, 4].map((index) => chain[from + index * step - 1]!.header)
    const found = await store.headerRange(from, 5, step)
    expect(found.map((header) => Buffer.compare(header, expected[found.indexOf(header)]!))).toEqual([0, 0, 0, 0, 0])
    await store.close()
  })
}
