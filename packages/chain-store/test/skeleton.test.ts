import { MemoryLevel } from 'memory-level'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ChainStore, openChainStore, type StoredHeader } from '../src/index.ts'
import { expectCode, genesis, makeBlocks } from './helpers.ts'

const blocks = makeBlocks(50)
const block = (number: number): (typeof blocks)[number] => blocks[number - 1] as (typeof blocks)[number]
const headers = (from: number, to: number): StoredHeader[] =>
  blocks.slice(from - 1, to).map(({ number, hash, header }) => ({ number, hash, header }))
const falling = (from: number, to: number): StoredHeader[] => headers(to, from).toReversed()

let db: MemoryLevel
let store: ChainStore

async function reopen(): Promise<void> {
  await store.close()
  store = await openChainStore({ db, genesis })
}

async function skeletonRows(): Promise<number> {
  const rows = await db.keys({ gte: 's', lt: 't' }).all()
  return rows.length
}

beforeEach(async () => {
  db = new MemoryLevel()
  store = await openChainStore({ db, genesis })
  await store.append(blocks.slice(0, 5))
})

describe('a skeleton', () => {
  test('grows from its head down to the chain and survives a restart at any point', async () => {
    const [head] = headers(50, 50)
    await store.startSkeleton(head as StoredHeader)
    expect(store.skeleton()).toEqual({
      head: { number: 50, hash: block(50).hash },
      tail: 50,
      parentHash: block(49).hash,
    })
    await reopen()
    await store.extendSkeleton(falling(49, 30))
    await store.extendSkeleton([])
    await reopen()
    await store.extendSkeleton(falling(29, 6))
    expect(store.skeleton()).toMatchObject({ tail: 6, parentHash: block(5).hash })
    expect(await store.skeletonHeaders(6, 100)).toEqual(headers(6, 50))
    expect(await store.skeletonHeaders(20, 3)).toEqual(headers(20, 22))
    expect(await store.skeletonHeaders(5, 3)).toEqual([])
    expect(await store.skeletonHeaders(51, 3)).toEqual([])
  })

  test('takes only headers that are linked to its tail', async () => {
    await expectCode(store.extendSkeleton(falling(49, 48)), 'STORE_NOT_LINKED')
    await store.startSkeleton(block(50))
    await expectCode(store.extendSkeleton(falling(48, 40)), 'STORE_NOT_LINKED')
    await expectCode(store.extendSkeleton(headers(48, 49)), 'STORE_NOT_LINKED')
    const [first] = makeBlocks(1, block(48), 3)
    await expectCode(store.extendSkeleton([first as StoredHeader]), 'STORE_NOT_LINKED')
    expect(store.skeleton()?.tail).toBe(50)
  })

  test('shrinks as its blocks are appended, and is gone when its head is', async () => {
    await store.startSkeleton(block(50))
    await store.extendSkeleton(falling(49, 6))
    await store.append(blocks.slice(5, 20))
    expect(store.skeleton()).toEqual({
      head: { number: 50, hash: block(50).hash },
      tail: 21,
      parentHash: block(20).hash,
    })
    expect(await skeletonRows()).toBe(30)
    await reopen()
    expect(await store.skeletonHeaders(21, 100)).toEqual(headers(21, 50))
    await store.append(blocks.slice(20))
    expect(store.skeleton()).toBeUndefined()
    expect(await skeletonRows()).toBe(0)
    await reopen()
    expect(store.skeleton()).toBeUndefined()
  })

  test('is left alone by blocks of another branch', async () => {
    await store.startSkeleton(block(50))
    await store.extendSkeleton(falling(49, 6))
    await store.append(makeBlocks(10, block(5), 3))
    expect(store.skeleton()?.tail).toBe(6)
    await store.rewind(5)
    await store.append(blocks.slice(5, 7))
    expect(store.skeleton()?.tail).toBe(8)
  })

  test('gives way to a new one without leaving rows behind', async () => {
    await store.startSkeleton(block(50))
    await store.extendSkeleton(falling(49, 20))
    await store.startSkeleton(block(30))
    expect(await skeletonRows()).toBe(1)
    expect(store.skeleton()?.head.number).toBe(30)
    await store.dropSkeleton()
    expect(store.skeleton()).toBeUndefined()
    expect(await skeletonRows()).toBe(0)
  })

  test('case 61: rows that a crash left outside its bounds are removed at the next start', async () => {
    await store.startSkeleton(block(50))
    await store.extendSkeleton(falling(49, 40))
    const stray = new Uint8Array(9)
    stray.set([0x73])
    await db.put(stray, stray, { keyEncoding: 'view', valueEncoding: 'view' })
    expect(await skeletonRows()).toBe(12)
    await reopen()
    expect(await skeletonRows()).toBe(11)
  })
})
