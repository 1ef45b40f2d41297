import { forkId } from '@ethwire/chain'
import { encode } from '@ethwire/rlp-codec'
import { describe, expect, test } from 'vitest'
import { ethVersions, type Status } from '../src/index.ts'
import { chain, meet, reasonOf, start, statusOf, zeroHash } from './rig.ts'
import { config } from './support.ts'

describe('Status', () => {
  const refused: [string, Partial<Status>][] = [
    ['another network', { networkId: 1n }],
    ['another version', { version: 68 }],
    ['another genesis', { genesis: zeroHash }],
    ['other forks', { forkId: { hash: new Uint8Array(4), next: 0n } }],
    ['a stale fork ID', { forkId: forkId(config, chain.genesis, { number: 0n, timestamp: 0n }) }],
    ['a range upside down', { earliestBlock: 2n, latestBlock: 1n }],
    ['a range ending in the zero hash', { latestBlockHash: zeroHash }],
  ]
  test.each(refused)('case 41: Status with %s is refused with 0x10', async (what, changes) => {
    const rig = start(70)
    // A stale fork ID is one whose next fork is not the one that was passed here.
    const wrong = what === 'a stale fork ID' ? { forkId: { ...changes.forkId!, next: 999n } } : changes
    await rig.wire.send(0, encode(ethVersions[70].messages.Status.schema, statusOf(70, chain, wrong)))
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_HANDSHAKE', reason: 0x10 })
    expect(await reasonOf(rig)).toBe(0x10)
  })

  test('case 41: a Status that does not come within 5 s is a timeout', async () => {
    const rig = start(70)
    await rig.clock.advance(4_999)
    expect(rig.clock.timers).toBe(1)
    await rig.clock.advance(1)
    expect(await rig.side.ended).toMatchObject({ code: 'PROTOCOL_TIMEOUT', reason: 0x0b })
  })

  test('a peer that is behind along known forks is accepted', async () => {
    const rig = start(70)
    const behind = { forkId: forkId(config, chain.genesis, { number: 0n, timestamp: 0n }), latestBlock: 0n }
    await rig.wire.send(0, encode(ethVersions[70].messages.Status.schema, statusOf(70, chain, behind)))
    expect((await rig.side.peer).range.latestBlock).toBe(0n)
  })

  test('another message first, malformed bytes, a second Status, a close: each ends the run as itself', async () => {
    const first = start(69)
    await first.wire.send(3, Uint8Array.of(0xc0))
    expect(await first.side.ended).toMatchObject({ code: 'PROTOCOL_HANDSHAKE', reason: 0x10 })
    const malformed = start(69)
    await malformed.wire.send(0, Uint8Array.of(0xc1, 0xc0))
    expect(await malformed.side.ended).toMatchObject({ code: 'PROTOCOL_DECODE', reason: 0x02 })
    const second = await meet(69)
    await second.wire.send(0, encode(ethVersions[69].messages.Status.schema, statusOf(69)))
    expect(await second.side.ended).toMatchObject({ code: 'PROTOCOL_INVALID_TYPE' })
    const closed = start(69)
    closed.wire.close()
    expect(await closed.side.ended).toMatchObject({ code: 'PROTOCOL_CLOSED' })
    expect(closed.clock.timers).toBe(0)
  })
})
