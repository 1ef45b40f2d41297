import { decodeHeader, splitReceipts } from '@ethwire/chain'
import { encodeList } from '@ethwire/rlp-codec'
import { describe, expect, test } from 'vitest'
import type { BlockRange } from '../src/index.ts'
import { connectPair, createTestChain, createTestMetrics, hexOf, testReceipt, testTransaction } from './support.ts'

const chain = createTestChain(1500)

describe.each([69, 70])('eth/%i between two of ours', (version) => {
  test('both sides see the Status of the other', async () => {
    const { client, server } = await connectPair(version, { chain })
    expect(client.version).toBe(version)
    expect(client.status.version).toBe(version)
    expect(client.status.networkId).toBe(1337n)
    expect(hexOf(server.status.genesis)).toBe(hexOf(chain.genesis.hash))
    expect(client.range.latestBlock).toBe(1499n)
  })

  test('headers come decoded, hashed and as bytes, from a number or a hash, up and down, with steps', async () => {
    const { client } = await connectPair(version, { chain })
    const numbers = async (query: Parameters<typeof client.getBlockHeaders>[0]): Promise<number[]> =>
      (await client.getBlockHeaders(query)).map(({ header }) => Number(header.number))
    const [first] = await client.getBlockHeaders({ start: 7, count: 1 })
    expect(hexOf(first!.hash)).toBe(hexOf(chain.blocks[7]!.hash))
    expect(decodeHeader(first!.raw)).toEqual(first!.header)
    const { hash } = chain.blocks[500]!
    expect(await numbers({ start: 10n, count: 3 })).toEqual([10, 11, 12])
    expect(await numbers({ start: 10, count: 3, skip: 9 })).toEqual([10, 20, 30])
    expect(await numbers({ start: 10, count: 3, reverse: true })).toEqual([10, 9, 8])
    expect(await numbers({ start: 25, count: 5, skip: 9, reverse: true })).toEqual([25, 15, 5])
    expect(await numbers({ start: hash, count: 2 })).toEqual([500, 501])
    expect(await numbers({ start: hash, count: 2, skip: 1 })).toEqual([500, 502])
    expect(await numbers({ start: hash, count: 2, reverse: true })).toEqual([500, 499])
    expect(await numbers({ start: 1498, count: 10 })).toEqual([1498, 1499])
    expect(await numbers({ start: 5000, count: 10 })).toEqual([])
    expect(await numbers({ start: 2n ** 64n - 1n, count: 10, reverse: true })).toEqual([])
    expect(await numbers({ start: new Uint8Array(32).fill(9), count: 1 })).toEqual([])
    expect(await numbers({ start: 0, count: 1024 })).toHaveLength(1024)
  })

  test('bodies and receipts come as they are stored, up to the first that is missing', async () => {
    const { client } = await connectPair(version, { chain })
    const hashes = chain.blocks.slice(1, 40).map(({ hash }) => hash)
    expect(await client.getBlockBodies(hashes)).toEqual(chain.blocks.slice(1, 40).map(({ body }) => body))
    expect(await client.getReceipts(hashes)).toEqual(chain.blocks.slice(1, 40).map(({ receipts }) => receipts))
    const withGap = [hashes[0]!, new Uint8Array(32).fill(9), hashes[1]!]
    expect(await client.getBlockBodies(withGap)).toHaveLength(1)
    expect(await client.getReceipts(withGap)).toHaveLength(1)
    expect(await client.getReceipts([])).toEqual([])
  })

  test('many requests run at once, also both ways', async () => {
    const { client, server } = await connectPair(version, { chain })
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? client : server).getBlockHeaders({ start: i, count: 5 })),
    )
    expect(answers.map(([first]) => Number(first!.header.number))).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(client.pendingRequests).toBe(0)
  })

  test('pool transactions come in their order, without those that are not there', async () => {
    const pooled = new Map([1, 3].map((id) => [id, testTransaction(100, id)]))
    const transactionPool = { transaction: (hash: Uint8Array) => pooled.get(hash[0]!) }
    const { client, server } = await connectPair(version, { chain }, { chain, transactionPool })
    const hashes = [1, 2, 3].map((id) => new Uint8Array(32).fill(id))
    expect(await client.getPooledTransactions(hashes)).toEqual([pooled.get(1), pooled.get(3)])
    expect(await server.getPooledTransactions(hashes)).toEqual([])
  })

  test('what a peer tells reaches the listeners', async () => {
    const { client, server, clock } = await connectPair(version, { chain })
    const heard: unknown[] = []
    server.on('transactions', (transactions) => void heard.push(transactions))
    server.on('announcements', (announcements) => void heard.push(announcements))
    const stop = server.on('range', (range) => void heard.push(range))
    const transactions = [testTransaction(50), testTransaction(60)]
    const announcements = [{ type: 3, size: 131_072, hash: new Uint8Array(32).fill(7) }]
    const range: BlockRange = { earliestBlock: 3n, latestBlock: 9n, latestBlockHash: new Uint8Array(32).fill(8) }
    await client.sendTransactions(transactions)
    await client.announceTransactions(announcements)
    await client.sendBlockRange(range)
    await clock.settle()
    expect(heard).toEqual([transactions, announcements, range])
    expect(server.range).toEqual(range)
    stop()
    await client.sendBlockRange({ ...range, latestBlock: 10n })
    await clock.settle()
    expect(heard).toHaveLength(3)
    expect(server.range.latestBlock).toBe(10n)
  })

  test('the range is told again once it has grown by 32 blocks', async () => {
    const growing = createTestChain(100)
    const { client, clock } = await connectPair(version, { chain }, { chain: growing, genesis: chain.genesis })
    growing.grow(31)
    await clock.settle()
    expect(client.range.latestBlock).toBe(99n)
    growing.grow(1)
    await clock.settle()
    expect(client.range.latestBlock).toBe(131n)
  })

  test('the end of the connection ends requests and resolves `closed`', async () => {
    const { client, server, sides } = await connectPair(version, { chain })
    server.disconnect(4)
    await expect(client.getBlockHeaders({ start: 1, count: 1 })).rejects.toMatchObject({ code: 'PROTOCOL_CLOSED' })
    await Promise.all([client.closed, server.closed])
    expect(await sides[0].ended).toBeUndefined()
  })
})

test('eth/70 fetches receipts that are larger than a message in parts; eth/69 reports them and keeps the peer', async () => {
  const large = encodeList(Array.from({ length: 26 }, (_, i) => testReceipt(i, 1024 * 1024)))
  const partly = createTestChain(20, {
    receipts: (number) => (number === 14 ? large : encodeList([testReceipt(number)])),
  })
  const hashes = partly.blocks.slice(12, 18).map(({ hash }) => hash)
  const lists = partly.blocks.slice(12, 18).map(({ receipts }) => receipts)
  // After each part the event loop goes round.
  const ask = ({ client, clock }: Awaited<ReturnType<typeof connectPair>>, from: number): Promise<Uint8Array[]> =>
    clock.runUntil(client.getReceipts(hashes.slice(from)))
  const pair70 = await connectPair(70, { chain: partly })
  // It is an answer of its own: the one before ends before it, and that in parts ends after it.
  expect(await ask(pair70, 0)).toEqual(lists.slice(0, 2))
  const got = await ask(pair70, 2)
  expect(got.map((list) => splitReceipts(list).length)).toEqual([26])
  expect(Buffer.compare(got[0]!, lists[2]!)).toBe(0)
  expect(await ask(pair70, 3)).toEqual(lists.slice(3))

  const pair69 = await connectPair(69, { chain: partly })
  expect(await ask(pair69, 0)).toEqual(lists.slice(0, 2))
  expect(await ask(pair69, 2)).toEqual([])
  expect(await ask(pair69, 3)).toEqual(lists.slice(3))
})

test('a request ends at its deadline, and a late answer costs nothing', async () => {
  const metrics = createTestMetrics()
  const slow = createTestChain(10)
  const release = Promise.withResolvers<void>()
  const bodies = slow.bodies
  slow.bodies = async (hashes) => {
    await release.promise
    return await bodies(hashes)
  }
  const { client, clock } = await connectPair(70, { chain, genesis: slow.genesis, metrics }, { chain: slow })
  const asked = expect(client.getBlockBodies([slow.blocks[1]!.hash], { timeoutMs: 3_000 })).rejects.toMatchObject({
    code: 'PROTOCOL_TIMEOUT',
  })
  await clock.advance(3_000)
  await asked
  release.resolve()
  await clock.settle()
  expect(metrics.counts.get('eth/answers/late')).toBe(1)
  expect(await client.getBlockHeaders({ start: 1, count: 1 })).toHaveLength(1)
})

test('a request ends with the reason of its signal', async () => {
  const { client } = await connectPair(70, { chain })
  const reason = new Error('enough')
  const abort = new AbortController()
  const asked = expect(client.getBlockHeaders({ start: 1, count: 1 }, { signal: abort.signal })).rejects.toBe(reason)
  abort.abort(reason)
  await asked
})

test('arguments that make no request are refused', async () => {
  const { client } = await connectPair(70, { chain })
  await expect(client.getBlockHeaders({ start: 1, count: 0 })).rejects.toThrow(RangeError)
  await expect(client.getBlockHeaders({ start: 1, count: 1025 })).rejects.toThrow(RangeError)
  await expect(client.getBlockHeaders({ start: -1, count: 1 })).rejects.toThrow(RangeError)
  await expect(client.getBlockHeaders({ start: new Uint8Array(31), count: 1 })).rejects.toThrow(RangeError)
  await expect(client.getBlockBodies([new Uint8Array(31)])).rejects.toThrow(RangeError)
  await expect(client.getReceipts(Array.from({ length: 1025 }, () => new Uint8Array(32)))).rejects.toThrow(RangeError)
})
