import { genesisBlock, mainnet } from '@ethwire/chain'
import { MemoryLevel } from 'memory-level'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ChainDatabase, type ChainStore, openChainStore } from '../src/index.ts'
import { expectCode, genesis, headOf, makeBlocks } from './helpers.ts'

const blocks = makeBlocks(40)
const block = (number: number): (typeof blocks)[number] => blocks[number - 1] as (typeof blocks)[number]
const missing = new Uint8Array(32).fill(0xee)

let db: MemoryLevel
let store: ChainStore

beforeEach(async () => {
  db = new MemoryLevel()
  store = await openChainStore({ db, genesis })
})

describe('a new store', () => {
  test('holds the genesis and nothing else', async () => {
    expect(store.head()).toEqual(headOf({ number: 0, hash: genesis.hash }))
    expect(store.earliest()).toBe(0)
    expect(store.genesisHash).toEqual(genesis.hash)
    expect(await store.headerByNumber(0)).toEqual(genesis.header)
    expect(await store.bodyByHash(genesis.hash)).toEqual(genesis.body)
    expect(await store.receiptsByHash(genesis.hash)).toEqual(Uint8Array.of(0xc0))
    expect(await store.headerByNumber(1)).toBeUndefined()
    expect(await store.hashByNumber(-1)).toBeUndefined()
    expect(await store.hashByNumber(2 ** 53)).toBeUndefined()
    expect(store.skeleton()).toBeUndefined()
  })

  test('refuses to open with another genesis', async () => {
    await expectCode(openChainStore({ db, genesis: genesisBlock(mainnet.genesis) }), 'STORE_GENESIS')
  })

  test('refuses to open a database of another version, or one that contradicts itself', async () => {
    const bytes = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
    await db.put('m/version', Uint8Array.of(99), bytes)
    await expectCode(openChainStore({ db, genesis }), 'STORE_VERSION')
    await db.put('m/version', Uint8Array.of(1), bytes)
    await db.put('m/head', new Uint8Array(40).fill(1), bytes)
    await expectCode(openChainStore({ db, genesis }), 'STORE_CORRUPT')
    await db.del('m/head')
    await expectCode(openChainStore({ db, genesis }), 'STORE_CORRUPT')
  })
})

describe('appended blocks', () => {
  beforeEach(() => store.append(blocks.slice(0, 30)))

  test('are read back as the bytes they came in, by number and by hash', async () => {
    expect(store.head()).toEqual(headOf(block(30)))
    for (const { number, hash, header, body, receipts } of blocks.slice(0, 30)) {
      expect(await store.hashByNumber(number)).toEqual(hash)
      expect(await store.numberByHash(hash)).toBe(number)
      expect(await store.headerByNumber(number)).toEqual(header)
      expect(await store.headerByHash(hash)).toEqual(header)
      expect(await store.bodyByHash(hash)).toEqual(body)
      expect(await store.receiptsByHash(hash)).toEqual(receipts)
    }
    expect(await store.numberByHash(missing)).toBeUndefined()
    expect(await store.bodyByHash(missing)).toBeUndefined()
  })

  test('are there after the store is opened again', async () => {
    const again = await openChainStore({ db, genesis, cachedHashes: 0 })
    expect(again.head()).toEqual(headOf(block(30)))
    expect(await again.bodyByHash(block(17).hash)).toEqual(block(17).body)
  })

  test('are read in many at once, with gaps for what is not there', async () => {
    const hashes = [block(3).hash, missing, block(1).hash, block(3).hash]
    expect(await store.bodies(hashes)).toEqual([block(3).body, undefined, block(1).body, block(3).body])
    expect(await store.headers(hashes)).toEqual([block(3).header, undefined, block(1).header, block(3).header])
    expect(await store.receipts(hashes)).toEqual([block(3).receipts, undefined, block(1).receipts, block(3).receipts])
    expect(await store.bodies([])).toEqual([])
  })

  test('are read in ranges forward, backward and in steps, up to the ends of the chain', async () => {
    const headers = (...numbers: number[]): Uint8Array[] =>
      numbers.map((n) => (n === 0 ? genesis.header : block(n).header))
    expect(await store.headerRange(28, 10)).toEqual(headers(28, 29, 30))
    expect(await store.headerRange(2, 3, -1)).toEqual(headers(2, 1, 0))
    expect(await store.headerRange(2, 30, -2)).toEqual(headers(2, 0))
    expect(await store.headerRange(1, 3, 10)).toEqual(headers(1, 11, 21))
    expect(await store.headerRange(31, 5)).toEqual([])
    expect(await store.headerRange(5, 0)).toEqual([])
    expect(await store.hashRange(29, 5)).toEqual([block(29).hash, block(30).hash])
    await expect(store.headerRange(1, 1, 0)).rejects.toThrow(RangeError)
  })

  test('case 40: a huge step or count costs no more than the chain has blocks', async () => {
    expect(await store.headerRange(1, 1024, Number.MAX_SAFE_INTEGER)).toEqual([block(1).header])
    expect(await store.headerRange(0, Number.MAX_SAFE_INTEGER)).toHaveLength(31)
    expect(await store.headerRange(Number.MAX_SAFE_INTEGER, 2, 2)).toEqual([])
  })

  test('must follow the head', async () => {
    await expectCode(store.append([block(32)]), 'STORE_NOT_LINKED')
    await expectCode(store.append([block(30)]), 'STORE_NOT_LINKED')
    await expectCode(store.append(makeBlocks(1, { number: 30, hash: missing })), 'STORE_NOT_LINKED')
    await expectCode(store.append([block(31), block(33)]), 'STORE_NOT_LINKED')
    expect(store.head().number).toBe(30)
    await store.append([])
    await store.append(blocks.slice(30))
    expect(store.head().number).toBe(40)
  })

  test('are kept apart from the message that they came in', async () => {
    const message = new Uint8Array(1000)
    const view = message.subarray(100, 100 + block(31).body.length)
    view.set(block(31).body)
    await store.append([{ ...block(31), body: view }])
    message.fill(0)
    expect(await store.bodyByHash(block(31).hash)).toEqual(block(31).body)
  })
})

test('who listens to the head is called after each move until it ends that', async () => {
  const numbers: number[] = []
  const end = store.onHead(() => numbers.push(store.head().number))
  await store.append(blocks.slice(0, 3))
  await store.rewind(1)
  end()
  await store.append(blocks.slice(1, 3))
  expect(numbers).toEqual([3, 1])
})

describe('a rewind', () => {
  test('removes every trace of the blocks above, and another branch may follow', async () => {
    await store.append(blocks)
    await store.rewind(10)
    expect(store.head()).toEqual(headOf(block(10)))
    expect(await store.numberByHash(block(11).hash)).toBeUndefined()
    expect(await store.bodies([block(10).hash, block(11).hash])).toEqual([block(10).body, undefined])
    expect(await store.headerByNumber(11)).toBeUndefined()
    const other = makeBlocks(5, store.head(), 9)
    await store.append(other)
    expect(await store.bodyByHash(other[0]?.hash ?? missing)).toEqual(other[0]?.body)
    expect(await store.bodyByHash(block(11).hash)).toBeUndefined()
    expect((await openChainStore({ db, genesis })).head().number).toBe(15)
  })

  test('over more than one batch ends where it should', async () => {
    const many = makeBlocks(2500)
    await store.append(many)
    await store.rewind(0)
    expect(store.head()).toEqual(headOf({ number: 0, hash: genesis.hash }))
    const left = await db.keys().all()
    expect(left).toHaveLength(3 + 5)
  })

  test('to the head or above does nothing, and below the genesis is a mistake', async () => {
    await store.append(blocks)
    await store.rewind(40)
    await store.rewind(99)
    expect(store.head().number).toBe(40)
    await expect(store.rewind(-1)).rejects.toThrow(RangeError)
  })

  test('under a read never gives it the body of another block', async () => {
    await store.append(blocks)
    const other = makeBlocks(20, block(20), 7)
    const reads = Array.from({ length: 20 }, () => store.bodies(blocks.map(({ hash }) => hash)))
    const writes = store.rewind(20).then(() => store.append(other))
    const later = Array.from({ length: 20 }, () => store.bodies(blocks.map(({ hash }) => hash)))
    await writes
    for (const bodies of await Promise.all([...reads, ...later])) {
      for (const [index, body] of bodies.entries()) {
        if (body !== undefined) expect(body).toEqual(blocks[index]?.body)
      }
    }
  })
})

describe('receipts', () => {
  test('that could not be had are listed with the reason until they come', async () => {
    const { receipts, ...without } = block(2)
    const entry = { number: 2, hash: block(2).hash, reason: 'over the message limit' }
    await store.append([
      block(1),
      { ...without, receiptsUnavailable: entry.reason },
      { ...block(3), receipts: undefined },
    ])
    expect(await store.receiptsByHash(block(2).hash)).toBeUndefined()
    expect(await store.unavailableReceipts(10)).toEqual([entry])
    expect(await store.receiptsUnavailableReason(block(2).hash)).toBe(entry.reason)
    expect(await store.receiptsUnavailableReason(block(3).hash)).toBeUndefined()
    expect(await store.receiptsUnavailableReason(missing)).toBeUndefined()
    expect(await store.missingReceipts(0, 100)).toEqual([2, 3])
    await store.markReceiptsUnavailable({ number: 3, hash: block(3).hash, reason: 'r'.repeat(5000) })
    expect((await store.unavailableReceipts(10)).map(({ number, reason }) => [number, reason.length])).toEqual([
      [2, entry.reason.length],
      [3, 1024],
    ])
    expect(await store.unavailableReceipts(1)).toEqual([entry])
    await store.putReceipts([{ number: 2, hash: block(2).hash, receipts: receipts ?? missing }])
    expect(await store.receiptsByHash(block(2).hash)).toEqual(receipts)
    expect(await store.missingReceipts(1, 2)).toEqual([])
    expect(await store.missingReceipts(3, 1)).toEqual([3])
    await store.rewind(0)
    expect(await store.unavailableReceipts(10)).toEqual([])
  })

  test('of a block that is not in the chain are refused', async () => {
    await store.append([block(1)])
    const late = { number: 1, hash: missing, receipts: missing }
    await expectCode(store.putReceipts([late]), 'STORE_UNKNOWN_BLOCK')
    await expectCode(store.putReceipts([{ ...late, number: 2 }]), 'STORE_UNKNOWN_BLOCK')
    await expectCode(store.markReceiptsUnavailable({ number: 1, hash: missing, reason: '' }), 'STORE_UNKNOWN_BLOCK')
  })
})

describe('a closed store', () => {
  test('has finished the writes that had begun and takes no others', async () => {
    const write = store.append(blocks)
    await store.close()
    await store.close()
    await write
    expect((await openChainStore({ db, genesis })).head().number).toBe(40)
    await expectCode(store.append([]), 'STORE_CLOSED')
    await store[Symbol.asyncDispose]()
  })
})

describe('a database that fails', () => {
  test('leaves the store as it was, and later writes go on', async () => {
    let broken = false
    const flaky: ChainDatabase = new Proxy<ChainDatabase>(db, {
      get(target, name) {
        if (name === 'batch' && broken) return () => Promise.reject(new Error('disk full'))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const own = await openChainStore({ db: flaky, genesis })
    await own.append(blocks.slice(0, 10))
    broken = true
    await expect(own.append(blocks.slice(10))).rejects.toThrow('disk full')
    await expect(own.rewind(5)).rejects.toThrow('disk full')
    expect(own.head().number).toBe(10)
    expect(await own.bodyByHash(block(11).hash)).toBeUndefined()
    broken = false
    await own.append(blocks.slice(10))
    expect(own.head().number).toBe(40)
  })
})

test('two stores share one database in sublevels of their own', async () => {
  const [a, b] = await Promise.all(['a', 'b'].map((name) => openChainStore({ db: db.sublevel(name), genesis })))
  await a?.append(blocks)
  expect([a?.head().number, b?.head().number]).toEqual([40, 0])
  expect(await b?.headerByNumber(1)).toBeUndefined()
})

test('a listener of the head that throws does not undo what is written', async () => {
  const errors: unknown[] = []
  const logger = { error: (fields: object) => void errors.push(fields) }
  await using store = await openChainStore({ db: new MemoryLevel(), genesis, logger })
  store.onHead(() => {
    throw new Error('mistake')
  })
  await store.append(makeBlocks(3))
  expect(store.head().number).toBe(3)
  expect(errors).toHaveLength(1)
})
