import { decode, encode, encodeList, encodeUint } from '@ethwire/rlp-codec'
import { expectMessage } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { type EthPeer, ethVersions } from '../src/index.ts'
import { chain, meet, type Rig, zeroHash } from './rig.ts'
import { createTestMetrics, limit, testBlock, testReceipt } from './support.ts'

describe('answers', () => {
  const { BlockHeaders, BlockBodies, Receipts } = ethVersions[70].messages
  const headers = (from: number, count: number): Uint8Array[] =>
    chain.blocks.slice(from, from + count).map(({ header }) => header)

  test('case 43: an answer that nobody asked for, or of another kind, is 0x10 and not decoded', async () => {
    const garbage = encodeList([encodeUint(99), Uint8Array.of(0x01)])
    const unasked = await meet(70)
    await unasked.wire.send(BlockBodies.code, garbage)
    expect(await unasked.side.ended).toMatchObject({ code: 'PROTOCOL_UNSOLICITED', reason: 0x10 })
    const mismatched = await meet(70)
    const asked = mismatched.peer.getBlockHeaders({ start: 1, count: 1 }).catch((error: unknown) => error)
    await expectMessage(mismatched.wire, 3)
    await mismatched.wire.send(BlockBodies.code, encodeList([encodeUint(1), Uint8Array.of(0x01)]))
    expect(await mismatched.side.ended).toMatchObject({ code: 'PROTOCOL_UNSOLICITED', reason: 0x10 })
    expect(await asked).toMatchObject({ code: 'PROTOCOL_CLOSED' })
  })

  const lies: [string, Parameters<EthPeer['getBlockHeaders']>[0], readonly Uint8Array[]][] = [
    ['more than were asked for', { start: 1, count: 2 }, headers(1, 3)],
    ['another start', { start: 1, count: 2 }, headers(2, 2)],
    ['another hash', { start: chain.blocks[1]!.hash, count: 2 }, headers(2, 2)],
    ['a gap', { start: 1, count: 3 }, [...headers(1, 1), ...headers(3, 1)]],
    ['the other direction', { start: 5, count: 3, reverse: true }, headers(5, 3)],
    ['another step', { start: 1, count: 3, skip: 1 }, headers(1, 3)],
    ['no link', { start: 1, count: 2 }, [...headers(1, 1), testBlock(2, zeroHash).header]],
    ['no link when reversed', { start: 2, count: 2, reverse: true }, [testBlock(2, zeroHash).header, ...headers(1, 1)]],
  ]
  test.each(lies)('case 43: headers with %s are 0x10', async (_, query, items) => {
    const rig = await meet(70)
    const asked = rig.peer.getBlockHeaders(query).catch((error: unknown) => error)
    await expectMessage(rig.wire, 3)
    await rig.wire.send(BlockHeaders.code, encode(BlockHeaders.schema, { requestId: 1n, items }))
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_BREACH', reason: 0x10 })
    expect(await asked).toMatchObject({ code: 'PROTOCOL_BREACH' })
  })

  test('case 43: an oversized answer ends the peer, save receipts that were asked for', async () => {
    const metrics = createTestMetrics()
    const rig = await meet(69, { metrics })
    const hashes = [chain.blocks[1]!.hash]
    const first = rig.peer.getReceipts(hashes).catch((error: unknown) => error)
    const second = rig.peer.getReceipts(hashes)
    await expectMessage(rig.wire, 0x0f)
    await expectMessage(rig.wire, 0x0f)
    const oversized = new Uint8Array(limit + 1)
    await rig.wire.send(0x10, oversized)
    expect(await first).toMatchObject({ code: 'PROTOCOL_RESPONSE_OVERSIZED' })
    const answer = { requestId: 2n, items: [chain.blocks[1]!.receipts], lastBlockIncomplete: false }
    await rig.wire.send(0x10, encode(ethVersions[69].messages.Receipts.schema, answer))
    expect(await second).toEqual([chain.blocks[1]!.receipts])
    expect(metrics.counts.get('eth/answers/oversized')).toBe(1)
    // Nothing is owed any more.
    await rig.wire.send(0x10, oversized)
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_MESSAGE_TOO_LONG' })
    const bodies = await meet(70)
    bodies.peer.getBlockBodies(hashes).catch(() => undefined)
    await bodies.wire.send(BlockBodies.code, oversized)
    expect(await bodies.side.ended).toMatchObject({ code: 'PROTOCOL_MESSAGE_TOO_LONG', reason: 0x02 })
  })

  const send = (rig: Rig, items: Uint8Array[], lastBlockIncomplete: boolean): Promise<void> =>
    rig.wire.send(Receipts.code, encode(Receipts.schema, { requestId: 1n, items, lastBlockIncomplete }))
  const receipts = (count: number, dataBytes = 0): Uint8Array =>
    encodeList(Array.from({ length: count }, (_, i) => testReceipt(i, dataBytes)))

  test('eth/70 asks on under the same id, from the receipt that is missing, until the answer is complete', async () => {
    const rig = await meet(70)
    const hashes = chain.blocks.slice(1, 5).map(({ hash }) => hash)
    const asked = rig.peer.getReceipts(hashes)
    const { schema } = ethVersions[70].messages.GetReceipts
    const next = async (): Promise<unknown> => decode(schema, await expectMessage(rig.wire, 0x0f))
    expect(await next()).toEqual({ requestId: 1n, firstBlockReceiptIndex: 0n, hashes })
    await send(rig, [receipts(2), receipts(3)], true)
    expect(await next()).toEqual({ requestId: 1n, firstBlockReceiptIndex: 3n, hashes: hashes.slice(1) })
    await rig.clock.advance(9_000)
    await send(rig, [receipts(1)], true)
    expect(await next()).toEqual({ requestId: 1n, firstBlockReceiptIndex: 4n, hashes: hashes.slice(1) })
    await rig.clock.advance(9_000)
    await send(rig, [receipts(1), receipts(6)], false)
    const lists = await asked
    expect(lists.map((list) => Buffer.from(list).toString('hex'))).toEqual(
      [
        receipts(2),
        encodeList([...[0, 1, 2].map((i) => testReceipt(i)), testReceipt(0), testReceipt(0)]),
        receipts(6),
      ].map((list) => Buffer.from(list).toString('hex')),
    )
    expect(rig.clock.timers).toBe(0)
  })

  test('eth/70: a peer that stops in the middle of a block leaves that block out; one that goes silent times out', async () => {
    const rig = await meet(70)
    const hashes = chain.blocks.slice(1, 5).map(({ hash }) => hash)
    const asked = rig.peer.getReceipts(hashes)
    await send(rig, [receipts(2), receipts(3)], true)
    await send(rig, [], false)
    expect(await asked).toEqual([receipts(2)])
    const silent = await meet(70)
    const never = silent.peer.getReceipts(hashes).catch((error: unknown) => error)
    await send(silent, [receipts(2), receipts(3)], true)
    await silent.clock.advance(10_000)
    expect(await never).toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
    expect(silent.clock.timers).toBe(0)
  })

  const stuck: [string, (rig: Rig) => Promise<void>][] = [
    ['nothing at all', (rig) => send(rig, [], true)],
    ['an empty part', (rig) => send(rig, [receipts(0)], true)],
    [
      'an empty part after a full one',
      async (rig) => {
        await send(rig, [receipts(1)], true)
        await send(rig, [receipts(0)], true)
      },
    ],
    [
      'a crumb each time',
      async (rig) => {
        for (let i = 0; i < 32; i++) await send(rig, [receipts(1)], true)
      },
    ],
    ['more than its gas can have paid', (rig) => send(rig, [receipts(2, 100_000)], true)],
    ['more lists than hashes', (rig) => send(rig, [receipts(1), receipts(1), receipts(1)], false)],
  ]
  test.each(stuck)('case 51: incomplete receipts that bring %s end the peer', async (_, answer) => {
    const rig = await meet(70)
    const hashes = chain.blocks.slice(1, 3).map(({ hash }) => hash)
    const asked = rig.peer.getReceipts(hashes, { gasUsed: [400_000n, 400_000n] }).catch((error: unknown) => error)
    await rig.clock.settle()
    await answer(rig)
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_BREACH', reason: 0x10 })
    expect(await asked).toMatchObject({ code: 'PROTOCOL_BREACH' })
  })
})
