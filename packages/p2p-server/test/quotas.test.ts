import type { NodeAddress } from '@ethwire/enr'
import { DisconnectReason } from '@ethwire/protocol'
import { describe, expect, test } from 'vitest'
import { createP2pServer, type P2pServer, type P2pServerOptions } from '../src/index.ts'
import { quotasOf } from '../src/quotas.ts'
import { collect, createWorld, next } from './support.ts'

async function* listed(...servers: P2pServer[]): AsyncGenerator<NodeAddress> {
  for (const { localNode } of servers) yield localNode.address
}

const options = (some: Partial<P2pServerOptions>): P2pServerOptions => ({
  ...{ privateKey: new Uint8Array(32), clientId: '', protocols: [] },
  ...some,
})

describe('the places for peers', () => {
  test.each<[string, Partial<P2pServerOptions>, dialed: number, inbound: number]>([
    ['by default', {}, 16, 34],
    ['of few peers', { maxPeers: 2 }, 1, 1],
    ['of one peer', { maxPeers: 1 }, 1, 0],
    ['of none', { maxPeers: 0 }, 0, 0],
    ['with noDial', { noDial: true }, 0, 50],
    ['with noDiscovery', { noDiscovery: true }, 16, 34],
    ['of which all may be dialled', { dialRatio: 1 }, 50, 0],
    ['for static nodes only', { staticOnly: true, maxPeers: 5 }, 5, 5],
    ['in 2018', { policy: 'geth-2018', maxPeers: 25 }, 8, 17],
    ['in 2018, of few peers', { policy: 'geth-2018', maxPeers: 2 }, 0, 2],
    ['in 2018, with noDiscovery', { policy: 'geth-2018', maxPeers: 25, noDiscovery: true }, 0, 25],
    ['in 2018, with noDial', { policy: 'geth-2018', maxPeers: 25, noDial: true }, 0, 25],
    ['as the user says', { quotas: ({ maxPeers }) => ({ maxDialed: maxPeers, maxInbound: 0 }) }, 50, 0],
  ])('%s', (_, some, maxDialed, maxInbound) => {
    expect(quotasOf(options(some))).toMatchObject({ maxDialed, maxInbound })
  })

  test('are not what a policy says that is no number', () => {
    expect(() => quotasOf(options({ quotas: () => ({ maxDialed: 0.5, maxInbound: 1 }) }))).toThrow(
      'quotas must give a maxDialed that is an integer from 0, got 0.5',
    )
    const nothing = (): never => undefined as never
    expect(() => quotasOf(options({ quotas: nothing }))).toThrow(
      new TypeError('quotas must give an object with maxDialed and maxInbound, got undefined'),
    )
  })
})

describe('noDial', () => {
  test('dials nobody, not even static nodes, and lets in whoever comes', async () => {
    const { clock, start } = createWorld()
    const a = await start(1)
    const b = await start(2, { noDial: true, staticNodes: [a.localNode.enode], sources: [listed(a)] })
    await clock.advance(120_000)
    expect(b.peers()).toEqual([])
    a.addPeer(b.localNode.enode)
    expect((await clock.runUntil(next(b, 'peer:add'))).peer).toMatchObject({ inbound: true, isStatic: true })
  })

  test('without a port to listen on is warned of', async () => {
    const { clock, start } = createWorld()
    const { warnings, logger } = warningLogger()
    await start(1, { noDial: true, logger })
    expect(warnings).toEqual([])
    const privateKey = new Uint8Array(32).fill(1)
    const server = await createP2pServer({ privateKey, clientId: 'x', protocols: [], clock, noDial: true, logger })
    expect(warnings).toEqual(['The server is of no use: it neither dials nor listens'])
    await clock.runUntil(server.close())
  })
})

function warningLogger() {
  const warnings: string[] = []
  const ignore = (): void => undefined
  const warn = (_: unknown, message: string): void => void warnings.push(message)
  return { warnings, logger: { trace: ignore, debug: ignore, info: ignore, error: ignore, warn } }
}

describe('static nodes only', () => {
  test('lets no stranger in, and dials none', async () => {
    const { clock, start } = createWorld()
    const [friend, stranger, candidate] = [await start(2), await start(3), await start(4)]
    const a = await start(1, {
      ...{ staticOnly: true, maxPeers: 3 },
      staticNodes: [friend.localNode.enode],
      sources: [listed(candidate)],
    })
    const refused = collect(a, 'inbound:refused')
    stranger.addPeer(a.localNode.enode)
    await clock.advance(120_000)
    expect(a.peers().map(({ id }) => id)).toEqual([friend.localNode.nodeIdHex])
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every(({ rule, nodeIdHex }) => rule === 'static-only' && nodeIdHex !== undefined)).toBe(true)
    a.addTrustedPeer(stranger.localNode.enode)
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    expect(peer.id).toBe(stranger.localNode.nodeIdHex)
  })

  test('connects two that have each other, by whoever is first', async () => {
    const { clock, start } = createWorld()
    const a = await start(1, { staticOnly: true, noDial: true, maxPeers: 1 })
    const b = await start(2, { staticOnly: true, maxPeers: 1, staticNodes: [a.localNode.enode] })
    a.addPeer(b.localNode.enode)
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    expect([peer.inbound, peer.isStatic]).toEqual([true, true])
  })

  test('dials as many as there may be peers', async () => {
    const { clock, start } = createWorld()
    const others = await Promise.all([2, 3, 4, 5].map((n) => start(n)))
    const a = await start(1, {
      ...{ staticOnly: true, maxPeers: 4 },
      staticNodes: others.map(({ localNode }) => localNode.enode),
    })
    await clock.advance(5_000)
    expect(a.peers()).toHaveLength(4)
  })
})

test('in 2018, a static node that was dialled is let in over the limit, and dialled without discovery', async () => {
  const { clock, start } = createWorld()
  const [friend, stranger] = [await start(2), await start(3)]
  const a = await start(1, { policy: 'geth-2018', maxPeers: 1, noDiscovery: true })
  stranger.addPeer(a.localNode.enode)
  await clock.runUntil(next(a, 'peer:add'))
  a.addPeer(friend.localNode.enode)
  const { peer } = await clock.runUntil(next(a, 'peer:add'))
  expect(peer).toMatchObject({ id: friend.localNode.nodeIdHex, isStatic: true, inbound: false })
  expect(a.peers()).toHaveLength(2)
})

describe('the dropper', () => {
  async function crowd(some: Partial<P2pServerOptions> = {}) {
    const world = createWorld()
    const a = await world.start(1, { maxPeers: 3, dialRatio: 3, dropper: true, ...some })
    const drops = collect(a, 'peer:drop')
    const others = [await world.start(2), await world.start(3), await world.start(4)] as const
    return { ...world, a, drops, others }
  }

  test('lets a peer go every 3 to 7 minutes once all places are taken for 10, by its own rule', async () => {
    const { clock, a, drops, others } = await crowd()
    for (const { addPeer } of others.slice(0, 2)) addPeer(a.localNode.enode)
    await clock.advance(599_000)
    expect(drops).toEqual([])
    await clock.advance(7 * 60_000 + 1_000)
    expect(drops.length).toBeGreaterThanOrEqual(1)
    expect(drops[0]).toMatchObject({ rule: 'dropper', side: 'local', reason: DisconnectReason.UselessPeer })
    expect(drops[0]?.durationMs).toBeGreaterThanOrEqual(600_000)
    // Who was dropped comes back, and is young again.
    const before = drops.length
    await clock.advance(9 * 60_000)
    expect(drops.length - before).toBeLessThanOrEqual(1)
  })

  test('spares peers while there is a place free on their side', async () => {
    const { clock, a, drops, others } = await crowd()
    others[0].addPeer(a.localNode.enode)
    await clock.advance(3_600_000)
    expect(drops).toEqual([])
  })

  test('spares trusted and static peers, and whom the application spares', async () => {
    const spared: string[] = []
    const { clock, a, drops, others } = await crowd({ dropper: { spares: ({ id }) => spared.includes(id) } })
    const [trusted, spare, fixed] = others
    spared.push(spare.localNode.nodeIdHex)
    a.addTrustedPeer(trusted.localNode.enode)
    for (const { addPeer } of [trusted, spare]) addPeer(a.localNode.enode)
    a.addPeer(fixed.localNode.enode)
    await clock.advance(3_600_000)
    expect(a.peers()).toHaveLength(3)
    expect(drops).toEqual([])
    spared.pop()
    expect(await clock.runUntil(next(a, 'peer:drop'))).toMatchObject({ peer: { id: spare.localNode.nodeIdHex } })
  })

  test('does nothing while the application says so, and survives an application that throws', async () => {
    let isActive = (): boolean => false
    const { clock, a, drops, others } = await crowd({ dropper: { isActive: () => isActive() } })
    for (const { addPeer } of others.slice(0, 2)) addPeer(a.localNode.enode)
    await clock.advance(1_800_000)
    isActive = () => {
      throw new Error('unforeseen')
    }
    await clock.advance(1_800_000)
    expect(drops).toEqual([])
    isActive = () => true
    await clock.runUntil(next(a, 'peer:drop'))
  })

  test('is off by default', async () => {
    const { clock, a, drops, others } = await crowd({ dropper: false })
    for (const { addPeer } of others.slice(0, 2)) addPeer(a.localNode.enode)
    await clock.advance(3_600_000)
    expect(drops).toEqual([])
  })
})
