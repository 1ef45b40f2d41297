import type { PacketNode } from '@ethwire/discv4/packet'
import type { SocketEndpoint } from '@ethwire/io'
import { createNodeDatabase } from '@ethwire/nodedb'
import { describe, expect, it, vi } from 'vitest'
import {
  collectCandidates,
  createAttack,
  createPuppet,
  createSimulation,
  markedShare,
  measureLookups,
  type Puppet,
  puppetIdentity,
  reportTables,
  type SimulatedNode,
  type Simulation,
} from '../src/index.ts'

// Much is simulated here, and machines are busy at times.
vi.setConfig({ testTimeout: 60_000 })

const usual = { latencyMs: [20, 120], lossPercent: 2 } as const

function identityOf(net: Simulation, number: number): ReturnType<typeof puppetIdentity> {
  const privateKey = new Uint8Array(32).fill(1)
  new DataView(privateKey.buffer).setUint32(4, number)
  return puppetIdentity(privateKey, net.crypto)
}

function addressOf({ publicKey, endpoint: { ip, port } }: Puppet): string {
  return `enode://${Buffer.from(publicKey).toString('hex')}@${ip}:${port}`
}

const named = (net: Simulation, number: number, ip: string): PacketNode => ({
  publicKey: identityOf(net, number).publicKey,
  ip,
  udpPort: 30303,
  tcpPort: 30303,
})

/** The nodes of a table in each /24, in all and in the fullest bucket. */
function crowding(node: SimulatedNode, prefix: string): { table: number; bucket: number } {
  const counts = node
    .discv4!.table()
    .map(({ nodes }) => nodes.filter(({ entry }) => entry.host?.startsWith(prefix)).length)
  return { table: counts.reduce((sum, count) => sum + count, 0), bucket: Math.max(...counts) }
}

describe('hostile neighbours', () => {
  it('case 10: a short answer, and then silence, ends a call within 1.5 s', async () => {
    const net = createSimulation({ ...usual, lossPercent: 0, seed: 10, nodes: 1 })
    await net.run({ seconds: 1 })
    const puppet = await createPuppet(net, {
      identity: identityOf(net, 1),
      endpoint: { ip: '60.0.0.1', port: 30303 },
      neighbors: () => [named(net, 2, '61.0.0.1'), named(net, 3, '61.0.1.1')],
    })
    const [node] = net.nodes()
    const asked = net.clock.monotonicMs()
    const found = await net.clock.runUntil(node!.discv4!.findNode(addressOf(puppet), new Uint8Array(64)))
    expect(found.map(({ host }) => host)).toEqual(['61.0.0.1', '61.0.1.1'])
    // A round of pings comes first, since neither knew the other.
    expect(net.clock.monotonicMs() - asked).toBeLessThanOrEqual(1500 + 3 * 240)
    await net.close()
  })

  it('case 11: loopback, LAN, multicast and other special addresses that a stranger names are never contacted', async () => {
    const net = createSimulation({ ...usual, seed: 11, nodes: 10 })
    const bad = ['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.0.1', '224.0.0.1', '0.0.0.0', '203.0.113.5']
    const sockets = await Promise.all(bad.slice(0, 4).map((ip) => net.network.bind({ ip, port: 30303 })))
    const hosts = bad.map((ip) => net.network.host(ip))
    const puppet = await createPuppet(net, {
      identity: identityOf(net, 1),
      endpoint: { ip: '60.0.0.1', port: 30303 },
      neighbors: () => bad.map((ip, index) => named(net, index + 2, ip)),
    })
    await net.run({ minutes: 2 })
    const unreachable = net.network.counters.dropped.unreachable
    for (const { discv4 } of net.nodes()) {
      const found = await net.clock.runUntil(discv4!.findNode(addressOf(puppet), new Uint8Array(64)).catch(() => []))
      expect(found).toEqual([])
    }
    await net.run({ minutes: 10 })
    expect(puppet.got.get('findnode')).toBeGreaterThan(5)
    expect(hosts.map(({ traffic }) => traffic.receivedPackets)).toEqual(bad.map(() => 0))
    expect(net.network.counters.dropped.unreachable).toBe(unreachable)
    await Promise.all(sockets.map((socket) => socket.close()))
    await net.close()
  })

  it.each(['one-ip', 'one-subnet'] as const)(
    'case 12: of hundreds of IDs in %s no table takes more than 10, and no bucket more than 2',
    async (place) => {
      const net = createSimulation({ ...usual, seed: 12, nodes: 20, bootnodes: 4 })
      await net.run({ minutes: 3 })
      const victims = net.nodes().slice(0, 4)
      const attack = await createAttack(net, {
        ...{ place, ids: 400, knocksPerSecond: 5, groundFor: victims[0]!, victims: () => victims },
      })
      await net.run({ minutes: 5 })
      for (const node of net.nodes()) {
        const { table, bucket } = crowding(node, '90.')
        expect(table).toBeLessThanOrEqual(10)
        expect(bucket).toBeLessThanOrEqual(2)
      }
      expect(reportTables(net, victims, attack.isAttacker).markedShare).toBeGreaterThan(0)
      await attack.close()
      await net.close()
    },
  )

  it('case 13: knocking while a node restarts fills no table before its seeds are back, and gets no half of outbound', async () => {
    const net = createSimulation({
      ...{ ...usual, seed: 13, nodes: 60, bootnodes: 4 },
      nodeDatabase: (index, parts) => (index < 4 ? createNodeDatabase(undefined, parts) : undefined),
    })
    await net.run({ minutes: 5 })
    const victims = net.nodes().slice(0, 4)
    const [victim] = victims
    const before = new Set(victim!.discv4!.table().flatMap(({ nodes }) => nodes.map(({ entry }) => entry.nodeIdHex)))
    const attack = await createAttack(net, {
      ...{ place: '64-subnets', ids: 320, knocksPerSecond: 10, groundFor: victim!, victims: () => [victim!] },
    })
    net.stop(victim!)
    await net.run({ seconds: 5 })
    await net.restart(victim!)
    const [candidates] = await collectCandidates(net, [victim!], { count: 25 })
    expect(candidates!.length).toBe(25)
    expect(markedShare(candidates!, attack.isAttacker)).toBeLessThanOrEqual(0.5)
    const now = victim!.discv4!.table().flatMap(({ nodes }) => nodes.map(({ entry }) => entry))
    const kept = now.filter(({ nodeIdHex }) => before.has(nodeIdHex))
    expect(kept.length).toBeGreaterThan(now.length / 4)
    await attack.close()
    await net.close()
  })

  it('case 14: nine liars change no record; fifty change it once in five minutes at most, and those of one /24 have one vote', async () => {
    const net = createSimulation({ ...usual, lossPercent: 0, seed: 14, nodes: 1, predictEndpoint: true })
    await net.run({ seconds: 1 })
    const [node] = net.nodes()
    const { localNode } = node!.discv4!
    let lie = 0
    const seenAt = ({ port }: SocketEndpoint): SocketEndpoint => ({ ip: `70.0.0.${1 + (lie % 200)}`, port })
    const liars = (count: number, ipOf: (index: number) => string, from: number): Promise<Puppet[]> =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          createPuppet(net, {
            identity: identityOf(net, from + index),
            endpoint: { ip: ipOf(index), port: 30303 },
            seenAt,
          }),
        ),
      )
    const askAll = (puppets: readonly Puppet[]): Promise<unknown> =>
      net.clock.runUntil(Promise.all(puppets.map((puppet) => node!.discv4!.ping(addressOf(puppet)))))
    const truth = localNode.record.text

    const neighbours = await liars(50, (index) => `60.0.0.${index + 1}`, 1000)
    await askAll(neighbours)
    const nine = await liars(8, (index) => `61.${index}.0.1`, 2000)
    await askAll(nine)
    expect(localNode.record.text).toBe(truth)

    const fifty = await liars(50, (index) => `62.${index}.0.1`, 3000)
    const records = new Set<string>()
    for (let second = 0; second < 290; second += 10) {
      lie++
      await askAll(fifty)
      await net.run({ seconds: 9 })
      records.add(localNode.record.text)
    }
    records.delete(truth)
    expect(records.size).toBeLessThanOrEqual(1)
    await net.close()
  })
})

describe('a hostile network', () => {
  it('case 68: after ten minutes of partition both halves find each other within two, without a storm', async () => {
    const net = createSimulation({ ...usual, seed: 68, nodes: 50 })
    await net.run({ minutes: 6 })
    const rate = async (minutes: number): Promise<number> => {
      const before = net.network.counters.sentPackets
      await net.run({ minutes })
      return (net.network.counters.sentPackets - before) / minutes
    }
    const usualRate = await rate(3)
    net.network.partition((ip) => Number(ip.split('.')[2]) % 2)
    await net.run({ minutes: 10 })
    net.network.heal()
    expect(await rate(2)).toBeLessThan(2 * usualRate)
    const lookups = await measureLookups(net, { count: 60 })
    expect(lookups.trueClosestShare).toBeGreaterThanOrEqual(0.95)
    expect(net.reachable()).toBe(50)
    await net.close()
  })

  it('case 69: with 20 % of packets lost, others late or doubled, lookups still find what is there and nobody is given up', async () => {
    const net = createSimulation({
      ...{ seed: 69, nodes: 50, latencyMs: [20, 120], lossPercent: 20, duplicatePercent: 10, reorderPercent: 20 },
    })
    await net.run({ minutes: 8 })
    const lookups = await measureLookups(net, { count: 60 })
    expect(lookups.trueClosestShare).toBeGreaterThanOrEqual(0.95)
    expect(net.reachable()).toBe(50)
    await net.close()
  })
})
