import { decode, encode, encodeList } from '@ethwire/rlp-codec'
import { createVirtualClock, expectMessage, messagePipe } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { ethVersions } from '../src/index.ts'
import { chain, meet, type Rig, statusOf } from './rig.ts'
import { config, createTestChain, runSide, testBlock } from './support.ts'

describe('requests of a peer', () => {
  const { GetBlockHeaders, BlockHeaders, GetBlockBodies } = ethVersions[70].messages
  const ask = async (
    { wire, clock }: Rig,
    query: { start: bigint | Uint8Array; count: bigint; skip?: bigint; reverse?: boolean },
  ): Promise<readonly Uint8Array[]> => {
    const message = { requestId: 7n, query: { skip: 0n, reverse: false, ...query } }
    await wire.send(GetBlockHeaders.code, encode(GetBlockHeaders.schema, message))
    return decode(BlockHeaders.schema, await clock.runUntil(expectMessage(wire, BlockHeaders.code))).items
  }

  test('case 40: headers with amount 0, 2^64−1, or a skip that overflows are at most 1,024 and none repeats', async () => {
    const rig = await meet(70)
    const most = 2n ** 64n - 1n
    const { hash } = chain.blocks[500]!
    expect(await ask(rig, { start: 5n, count: 0n })).toHaveLength(0)
    expect(await ask(rig, { start: 5n, count: most })).toHaveLength(1024)
    for (const reverse of [false, true]) {
      for (const start of [500n, hash]) {
        expect(await ask(rig, { start, count: 10n, skip: most, reverse })).toHaveLength(1)
        expect(await ask(rig, { start, count: most, skip: most - 1n, reverse })).toHaveLength(1)
      }
    }
    expect(await ask(rig, { start: most, count: most })).toHaveLength(0)
    expect(await ask(rig, { start: most, count: most, reverse: true })).toHaveLength(0)
    expect(await ask(rig, { start: 3n, count: most, reverse: true })).toHaveLength(4)
    expect(await ask(rig, { start: 10n, count: most, skip: 2n, reverse: true })).toHaveLength(4)
  })

  test('headers of a block that is not canonical: itself, and its ancestors when reversed', async () => {
    const side = testBlock(1001, chain.blocks[1000]!.hash, { salt: 5 })
    const side2 = testBlock(1002, side.hash, { salt: 5 })
    chain.addSide(side)
    chain.addSide(side2)
    const rig = await meet(70)
    expect(await ask(rig, { start: side.hash, count: 5n })).toEqual([side.header])
    expect(await ask(rig, { start: side2.hash, count: 3n, reverse: true })).toEqual([
      side2.header,
      side.header,
      chain.blocks[1000]!.header,
    ])
    expect(await ask(rig, { start: side2.hash, count: 2n, skip: 2n, reverse: true })).toEqual([
      side2.header,
      chain.blocks[999]!.header,
    ])
    expect(await ask(rig, { start: side2.hash, count: 2n, skip: 1n, reverse: true })).toEqual([
      side2.header,
      chain.blocks[1000]!.header,
    ])
  })

  test('case 40: answers have at most 2 MiB, or one item, and never exceed a message', async () => {
    const large = createTestChain(40, {
      body: (number) => encodeList([new Uint8Array(number === 30 ? 3_000_000 : 400_000).fill(1)]),
    })
    const rig = await meet(70, { chain: large, genesis: chain.genesis, config })
    const all = large.blocks.map(({ hash }) => hash)
    const askBodies = async (hashes: Uint8Array[]): Promise<Uint8Array> => {
      await rig.wire.send(GetBlockBodies.code, encode(GetBlockBodies.schema, { requestId: 1n, hashes }))
      return rig.clock.runUntil(expectMessage(rig.wire, ethVersions[70].messages.BlockBodies.code))
    }
    const many = await askBodies(all)
    expect(many.length).toBeGreaterThan(1.6 * 1024 * 1024)
    expect(many.length).toBeLessThan(2 * 1024 * 1024 + 64)
    expect(large.reads).toBeLessThan(10)
    expect((await askBodies(all.slice(30))).length).toBeGreaterThan(3_000_000)
  })

  test('who asks without end is answered at the rate of its budget', async () => {
    const clock = createVirtualClock()
    const [end, wire] = messagePipe({ version: 70, clock })
    runSide(end, { chain, servedBytesPerSecond: 2_000_000 })
    await wire.send(0, encode(ethVersions[70].messages.Status.schema, statusOf(70)))
    await expectMessage(wire, 0)
    let answers = 0
    const asking = async (): Promise<void> => {
      for (let requestId = 0n; ; requestId++) {
        const query = { start: 0n, count: 1n, skip: 0n, reverse: false }
        await wire.send(GetBlockHeaders.code, encode(GetBlockHeaders.schema, { requestId, query }))
        await expectMessage(wire, BlockHeaders.code)
        answers++
      }
    }
    asking().catch(() => undefined)
    await clock.settle()
    const atOnce = answers
    expect(atOnce).toBeGreaterThan(20)
    expect(atOnce).toBeLessThan(70)
    await clock.advance(10_000)
    expect(answers - atOnce).toBeGreaterThan(400)
    expect(answers - atOnce).toBeLessThan(700)
    wire.close()
  })

  test('a peer that asks without reading is read no further, and served no more than one answer ahead', async () => {
    const clock = createVirtualClock()
    const [end, wire] = messagePipe({ version: 70, clock, maxWaiting: 1 })
    const own = createTestChain(1500)
    runSide(end, { chain: own })
    await wire.send(0, encode(ethVersions[70].messages.Status.schema, statusOf(70, own)))
    let accepted = 0
    const query = { start: 0n, count: 1024n, skip: 0n, reverse: false }
    for (let i = 0; i < 200; i++) {
      const payload = encode(GetBlockHeaders.schema, { requestId: BigInt(i), query })
      void wire.send(GetBlockHeaders.code, payload).then(() => accepted++)
    }
    await clock.settle()
    expect(accepted).toBeLessThan(50)
    expect(own.reads).toBeLessThan(40)
  })
})
