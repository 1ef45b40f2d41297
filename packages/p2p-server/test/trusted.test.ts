import { DisconnectReason } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import { collect, createWorld, next } from './support.ts'

describe('a trusted node', () => {
  test('comes in where there is no room for others, at both checks', async () => {
    const { clock, start } = createWorld()
    const b = await start(2)
    const a = await start(1, { maxPeers: 0, trustedNodes: [b.localNode.enode] })
    const refused = collect(a, 'inbound:refused')
    b.addPeer(a.localNode.enode)
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    expect([peer.trusted, peer.inbound, peer.isStatic]).toEqual([true, true, false])
    expect(peer.info().network).toMatchObject({ inbound: true, trusted: true, static: false })
    expect(refused).toEqual([])
    await start(3, { staticNodes: [a.localNode.enode] })
    await clock.advance(1_000)
    expect(refused.map(({ rule }) => rule)).toEqual(['max-peers'])
  })

  test('that was refused comes in once it is trusted, with its next attempt', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { maxPeers: 1, dialRatio: 1 })
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    const { error } = await clock.runUntil(next(b, 'dial:failed'))
    expect([error.code, error.reason]).toEqual(['P2P_DISCONNECTED', DisconnectReason.TooManyPeers])
    a.addTrustedPeer(b.localNode.enode)
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    expect([peer.id, peer.trusted]).toEqual([b.localNode.nodeIdHex, true])
    expect(clock.monotonicMs()).toBeLessThan(120_000)
  })

  test('is what a live peer becomes, and ceases to be, without a new connection', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    expect(peer.trusted).toBe(false)
    a.addTrustedPeer(b.localNode.record.text)
    expect([peer.trusted, peer.info().network.trusted]).toEqual([true, true])
    expect(a.removeTrustedPeer(b.localNode.enode)).toBe(true)
    expect([peer.trusted, peer.info().network.trusted]).toEqual([false, false])
    expect(a.removeTrustedPeer(b.localNode.enode)).toBe(false)
    await clock.advance(60_000)
    expect(a.peers()).toEqual([peer])
  })

  test('is not dialled for that alone', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { trustedNodes: [a.localNode.enode] })
    await clock.advance(120_000)
    expect(b.peers()).toEqual([])
    b.addPeer(a.localNode.enode)
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect([peer.trusted, peer.isStatic, peer.inbound]).toEqual([true, true, false])
  })

  test('that is static as well is dialled again for as long as it has no room', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { maxPeers: 2, dialRatio: 2 })
    const c = await start(3, { staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    const b = await start(2, { staticNodes: [a.localNode.enode], trustedNodes: [a.localNode.enode] })
    const failed = collect(b, 'dial:failed')
    await clock.advance(600_000)
    expect(failed.length).toBeGreaterThanOrEqual(10)
    expect(failed.every(({ error }) => error.reason === DisconnectReason.TooManyPeers)).toBe(true)
    await clock.runUntil(c.close())
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect([peer.trusted, peer.isStatic]).toEqual([true, true])
  })

  test('counts as a peer for all others', async () => {
    const { clock, start } = createWorld()
    const b = await start(2)
    const a = await start(1, { maxPeers: 1, trustedNodes: [b.localNode.enode] })
    b.addPeer(a.localNode.enode)
    await clock.runUntil(next(a, 'peer:add'))
    const refused = next(a, 'inbound:refused')
    await start(3, { staticNodes: [a.localNode.enode] })
    expect((await clock.runUntil(refused)).rule).toBe('max-peers')
  })
})
