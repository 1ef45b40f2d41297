import { encode, encodeList, encodeUint } from '@ethwire/rlp-codec'
import { expectMessage } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { ethVersions } from '../src/index.ts'
import { chain, meet, zeroHash } from './rig.ts'
import { createTestMetrics, limit } from './support.ts'

describe('messages', () => {
  test.each([69, 70] as const)(
    'case 53: NewBlock and NewBlockHashes on eth/%i, and bad ranges, are 0x10',
    async (version) => {
      const range = ethVersions[version].messages.BlockRangeUpdate
      const upsideDown = encode(range.schema, {
        earliestBlock: 2n,
        latestBlock: 1n,
        latestBlockHash: chain.genesis.hash,
      })
      const zero = encode(range.schema, { earliestBlock: 1n, latestBlock: 2n, latestBlockHash: zeroHash })
      for (const [code, payload] of [
        [7, Uint8Array.of(0xc0)],
        [1, Uint8Array.of(0xc0)],
        [range.code, upsideDown],
        [range.code, zero],
      ] as const) {
        const rig = await meet(version)
        await rig.wire.send(code, payload)
        expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_BREACH', reason: 0x10 })
      }
      const rig = await meet(version)
      await rig.wire.send(0x0d, Uint8Array.of(0xc0))
      expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_INVALID_CODE', reason: 0x02 })
    },
  )

  test('case 42: 50,000 nested lists, or 10 MiB of empty ones, are refused at the depth and count of the schema', async () => {
    const headers: Uint8Array[] = []
    for (let i = 0, length = 0; i < 50_000; i++) {
      const header = listHeader(length)
      headers.push(header)
      length += header.length
    }
    const nested = Buffer.concat(headers.reverse())
    const many = new Uint8Array(limit - 10).fill(0xc0)
    const wide = Buffer.concat([listHeader(many.length), many])
    for (const [items, cause] of [
      [nested, 'CHAIN_RLP'],
      [wide, 'RLP_TOO_MANY'],
    ] as const) {
      const rig = await meet(70)
      const asked = rig.peer.getBlockHeaders({ start: 1, count: 5 }).catch((error: unknown) => error)
      await expectMessage(rig.wire, 3)
      await rig.wire.send(4, encodeList([encodeUint(1), items]))
      expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_DECODE', reason: 0x02, cause: { code: cause } })
      expect(await asked).toMatchObject({ code: 'PROTOCOL_DECODE' })
    }
  })

  test('case 44: announcements with unequal columns are 0x10; of more than 4,096 the first are heard', async () => {
    const { code } = ethVersions[70].messages.NewPooledTransactionHashes
    const hash = new Uint8Array(32).fill(7)
    const columns = (types: number, sizes: number, hashes: number): Uint8Array =>
      encodeList([
        Uint8Array.of(
          ...(types > 55 ? [0xb9, types >> 8, types & 0xff] : [0x80 + types]),
          ...new Uint8Array(types).fill(2),
        ),
        encodeList(Array.from({ length: sizes }, () => encodeUint(100))),
        encodeList(Array.from({ length: hashes }, () => Uint8Array.of(0xa0, ...hash))),
      ])
    const heard: number[] = []
    const rig = await meet(70)
    rig.peer.on('announcements', (announcements) => void heard.push(announcements.length))
    await rig.wire.send(code, columns(5000, 5000, 5000))
    await rig.clock.settle()
    expect(heard).toEqual([4096])
    await rig.wire.send(code, columns(3, 2, 3))
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_BREACH', reason: 0x10 })
  })

  test('gossip that nobody listens to is not decoded; what a slow listener can not take is dropped', async () => {
    const metrics = createTestMetrics()
    const rig = await meet(70, { metrics })
    await rig.wire.send(2, Uint8Array.of(0xff))
    await rig.clock.settle()
    const release = Promise.withResolvers<void>()
    let heard = 0
    rig.peer.on('transactions', async () => {
      heard++
      await release.promise
    })
    for (let i = 0; i < 100; i++) await rig.wire.send(2, encodeList([]))
    await rig.clock.settle()
    expect(metrics.counts.get('eth/gossip/dropped')).toBe(36)
    release.resolve()
    await rig.clock.settle()
    expect(heard).toBe(64)
  })

  test('a listener or an `onPeer` that throws ends the peer', async () => {
    const rig = await meet(70)
    rig.peer.on('range', () => {
      throw new Error('ours')
    })
    const { code, schema } = ethVersions[70].messages.BlockRangeUpdate
    await rig.wire.send(
      code,
      encode(schema, { earliestBlock: 0n, latestBlock: 1n, latestBlockHash: chain.genesis.hash }),
    )
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_HANDLER', reason: 0x10 })
    const thrown = await meet(70, {
      onPeer: () => {
        throw new Error('ours')
      },
    })
    expect(await thrown.side.ended).toMatchObject({ code: 'PROTOCOL_HANDLER' })
  })
})

function listHeader(length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(0xc0 + length)
  const size =
    length < 256
      ? [length]
      : length < 65_536
        ? [length >> 8, length & 0xff]
        : [length >> 16, (length >> 8) & 0xff, length & 0xff]
  return Uint8Array.of(0xf7 + size.length, ...size)
}
