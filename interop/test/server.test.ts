import { setTimeout as delay } from 'node:timers/promises'
import { describe, test } from 'vitest'
import { startEthwire } from '../src/ethwire-process.ts'
import { type Geth, type GethPeer, startGeth } from '../src/geth.ts'
import { startOurServer } from '../src/our-server.ts'
import { sampleChain } from '../src/paths.ts'
import { peerOf, seenFromThere } from '../src/peer-lists.ts'
import { connectRawPeer } from '../src/raw-peer.ts'
import { until } from '../src/until.ts'

const { genesis, networkId } = sampleChain
const network = { genesis, networkId }

/** A geth that says why connections end; with snap sync it would turn peers without snap away. */
const startTheirs = (...args: string[]): Promise<Geth> =>
  startGeth({ ...network, args: ['--syncmode', 'full', '--log.vmodule', 'p2p=5', ...args] })

/** When geth refused somebody for this reason, or was refused, in ms of the day. */
function refusals(geth: Geth, reason: string): number[] {
  return geth
    .logs()
    .split('\n')
    .filter((line) => line.includes(`err="${reason}"`))
    .map((line) => {
      const [, h, m, s] = /\|(\d\d):(\d\d):([\d.]+)\]/.exec(line) ?? []
      return (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000
    })
}

describe.concurrent('places for peers', () => {
  test('a full server of ours refuses geth with 4, and lets it in once it is trusted', async ({ expect }) => {
    // Two places make one to dial and one for who dials.
    await using ours = await startEthwire({ ...network, args: ['--maxpeers', '2'] })
    await using holding = await startOurServer(network, { staticNodes: [ours.enode] })
    await until('the place is taken', () => peerOf(ours.rpc, holding.id), { timeoutMs: 30_000 })
    await using geth = await startTheirs()
    await geth.rpc('admin_addPeer', ours.enode)
    const refused = async (): Promise<boolean> => refusals(geth, 'too many peers').length > 0
    await until('geth is refused for the number of our peers', refused, { timeoutMs: 20_000 })
    expect(await peerOf(ours.rpc, geth.id)).toBeUndefined()

    expect(await ours.rpc('admin_addTrustedPeer', geth.enode)).toBe(true)
    // geth dials a static node again after 35 s.
    const peer = await until('geth is let in', () => peerOf(ours.rpc, geth.id), { timeoutMs: 60_000 })
    expect(peer.network).toMatchObject({ inbound: true, trusted: true, static: false })
    expect(await peerOf(ours.rpc, holding.id)).toMatchObject({ network: { inbound: true, trusted: false } })

    expect(await ours.rpc('admin_removeTrustedPeer', geth.enode)).toBe(true)
    expect(await peerOf(ours.rpc, geth.id)).toMatchObject({ network: { ...peer.network, trusted: false } })
    await ours.stop()
  })

  test('we log that geth is full, come back ever later, and are let in when a place is free', async ({ expect }) => {
    await using geth = await startTheirs('--maxpeers', '2')
    const holding = await startOurServer(network, { staticNodes: [geth.enode] })
    await using _holding = holding
    await until('the place is taken', () => peerOf(geth.rpc, holding.id), { timeoutMs: 30_000 })
    await using ours = await startEthwire({ ...network, staticnodes: [geth.enode] })
    const times = (): number[] => refusals(geth, 'too many peers')
    await until('we were refused four times', async () => times().length >= 4, { timeoutMs: 60_000 })
    const [a, b, c, d] = times() as [number, number, number, number]
    expect(b - a).toBeLessThan(c - b)
    expect(c - b).toBeLessThan(d - c)
    const complaints = ours
      .logs()
      .split('\n')
      .filter((line) => line.includes('Static peer refuses us'))
    expect(complaints).toHaveLength(1)
    expect(complaints[0]).toContain('too many peers')

    await holding.server.close()
    const peer = await until('we are let in', () => peerOf(geth.rpc, ours.id), { timeoutMs: 60_000 })
    expect(peer.network.inbound).toBe(true)
    await ours.stop()
  })
})

describe.concurrent('connections', () => {
  test('are described alike by geth and by us, with the flags that each side set', async ({ expect }) => {
    await using geth = await startTheirs()
    await using dialling = await startEthwire({ ...network, staticnodes: [geth.enode] })
    await using dialled = await startEthwire(network)
    // First: geth does not see it for a peer whose connection is between its two checks.
    await geth.rpc('admin_addTrustedPeer', dialled.enode)
    await geth.rpc('admin_addPeer', dialled.enode)
    await dialling.rpc('admin_addTrustedPeer', geth.enode)
    const nodes = [
      { node: dialling, at: { ours: { static: true, trusted: true }, geth: { static: false, trusted: false } } },
      { node: dialled, at: { ours: { static: false, trusted: false }, geth: { static: true, trusted: true } } },
    ]
    for (const { node, at } of nodes) {
      const theirs = await until('geth has us', () => peerOf(geth.rpc, node.id), { timeoutMs: 30_000 })
      const ours = await until('we have geth', () => peerOf(node.rpc, geth.id), { timeoutMs: 30_000 })
      expect(ours.network).toEqual({ ...seenFromThere(theirs), ...at.ours })
      expect(theirs.network).toEqual({ ...seenFromThere(ours), ...at.geth })
      const info = [await geth.rpc('admin_nodeInfo'), await node.rpc('admin_nodeInfo')] as { name: string }[]
      expect([ours.name, theirs.name]).toEqual(info.map(({ name }) => name))
      // Each shows the node that it dialled as it was told of it, and who dialled with the port that it came from.
      expect(ours.enode.includes(theirs.network.localAddress)).toBe(true)
      expect(theirs.enode.includes(ours.network.localAddress)).toBe(true)
      expect(ours.protocols.eth).toMatchObject({ version: 70 })
      expect(theirs.protocols.eth).toMatchObject({ version: 70 })
      expect(ours.caps).toEqual(expect.arrayContaining(['eth/69', 'eth/70']))
      expect(theirs.caps).toEqual(['eth/69', 'eth/70'])
      expect(await node.rpc('net_peerCount')).toBe('0x1')
    }
    expect(await geth.rpc('net_peerCount')).toBe('0x2')
    for (const { node } of nodes) await node.stop()
  })

  test('case 24: where geth and we dial each other at once, one connection is left within 60 s', async ({ expect }) => {
    await using geth = await startTheirs()
    await using servers = new AsyncDisposableStack()
    const ours = await Promise.all(Array.from({ length: 8 }, () => startOurServer(network)))
    for (const one of ours) servers.use(one)
    let clashes = 0
    for (const { server } of ours) {
      server.on('dial:failed', ({ error }) => error.reason === 5 && clashes++)
      server.on('inbound:refused', ({ rule }) => rule === 'already-connected' && clashes++)
    }
    await Promise.all(
      ours.map(async ({ server, enode }) => {
        const dials = geth.rpc('admin_addPeer', enode)
        server.addPeer(geth.enode)
        expect(await dials).toBe(true)
      }),
    )
    const pairs = async (): Promise<false | object[]> => {
      const theirs = await Promise.all(ours.map(({ id }) => peerOf(geth.rpc, id)))
      const mine = ours.map(({ server }) => server.peers().map((peer) => peer.info()) as unknown as GethPeer[])
      if (theirs.includes(undefined) || mine.some((peers) => peers.length !== 1)) return false
      const both = theirs.map((peer, index) => ({ theirs: peer!.network, mine: mine[index]![0]! }))
      return both.map(({ theirs, mine }) => ({ theirs: pick(theirs), mine: seenFromThere(mine) }))
    }
    const settled = (await until('each has one connection', pairs, { timeoutMs: 60_000 })) as {
      theirs: object
      mine: object
    }[]
    for (const { theirs, mine } of settled) expect(mine).toEqual(theirs)
    // The wait is what is tested: nobody dials again what is connected.
    for (let second = 0; second < 10; second++) {
      await delay(1000)
      expect(await pairs()).toEqual(settled)
    }
    console.log(`Of 8 pairs that dialled each other at once, ${clashes} connections were one too many.`)
  })
})

const pick = ({ localAddress, remoteAddress, inbound }: GethPeer['network']): object => ({
  localAddress,
  remoteAddress,
  inbound,
})

describe.concurrent('netrestrict', () => {
  const elsewhere = '127.9.0.0/16'
  const inside = '127.9.0.5'

  test('of ours: geth is neither dialled nor let in from an address outside; who is inside is', async ({ expect }) => {
    await using geth = await startTheirs()
    await using ours = await startEthwire({
      ...network,
      staticnodes: [geth.enode],
      args: ['--netrestrict', elsewhere, '--verbosity', '5'],
    })
    await geth.rpc('admin_addPeer', ours.enode)
    const closedUnread = async (): Promise<boolean> => ours.logs().includes('"rule":"netrestrict"')
    await until('geth has dialled and was closed unread', closedUnread, { timeoutMs: 30_000 })
    using stranger = await connectRawPeer(ours.enode, { from: inside })
    await stranger.exchangeStatus()
    await until('who is inside is a peer', () => peerOf(ours.rpc, stranger.id), { timeoutMs: 20_000 })
    // What geth says of a connection that it has taken.
    expect(geth.logs()).not.toContain('Accepted connection')
    expect(await geth.rpc('net_peerCount')).toBe('0x0')
    expect(await ours.rpc('net_peerCount')).toBe('0x1')
    await ours.stop()
  })

  test('of geth: we are neither dialled nor let in, and say so', async ({ expect }) => {
    await using geth = await startTheirs('--netrestrict', elsewhere)
    await using ours = await startEthwire({ ...network, staticnodes: [geth.enode], args: ['--verbosity', '5'] })
    await geth.rpc('admin_addPeer', ours.enode)
    // geth closes without a word: all that can be said is what that may mean.
    const saysWhy = async (): Promise<boolean> => /refuses this address.*Static peer refused/.test(ours.logs())
    await until('we log why', saysWhy, { timeoutMs: 60_000 })
    expect(ours.logs()).toContain('"code":"P2P_AUTH_UNANSWERED"')
    expect(ours.logs()).not.toMatch(/Inbound/)
    using stranger = await connectRawPeer(geth.enode, { from: inside })
    await stranger.exchangeStatus()
    expect(geth.logs()).toMatch(/Accepted connection +addr=127\.9\.0\.5/)
    await until('who is inside is a peer of geth', () => peerOf(geth.rpc, stranger.id), { timeoutMs: 20_000 })
    expect(await ours.rpc('net_peerCount')).toBe('0x0')
    expect(await geth.rpc('net_peerCount')).toBe('0x1')
    await ours.stop()
  })
})
