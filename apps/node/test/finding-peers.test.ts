import { pureCrypto } from '@ethwire/crypto'
import { loadNativeCrypto } from '@ethwire/crypto-native'
import { discv4 } from '@ethwire/discv4'
import { createNodeDatabase } from '@ethwire/nodedb'
import { createP2pServer, type P2pServer, type P2pServerOptions } from '@ethwire/p2p-server'
import {
  createMemoryDatagramNetwork,
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type VirtualClock,
} from '@ethwire/testing'
import { afterEach, describe, expect, test } from 'vitest'

/** A protocol that keeps its peers and says nothing. */
const quiet: P2pServerOptions['protocols'][number] = {
  name: 'quiet',
  versions: { 1: { length: 1 } },
  limits: { maxMessageBytes: 1024 },
  async run({ messages }) {
    for await (const _ of messages);
  },
}

const crypto = loadNativeCrypto().crypto ?? pureCrypto

const running: { server: P2pServer; clock: VirtualClock }[] = []

afterEach(async () => {
  for (const { server, clock } of running.splice(0)) await clock.runUntil(server.close())
})

/** Servers with discovery v4, in memory and virtual time. Node n is at 32.0.n.1. */
function createWorld(all: Partial<P2pServerOptions>) {
  const clock = createVirtualClock()
  const network = createMemoryNetwork()
  const datagrams = createMemoryDatagramNetwork({ clock, latencyMs: [5, 30] })
  return {
    clock,
    async start(n: number, options: Partial<P2pServerOptions> = {}): Promise<P2pServer> {
      const ip = `32.0.${n}.1`
      const host = network.host(ip)
      const server = await createP2pServer({
        ...{ privateKey: crypto.keccak256(Uint8Array.of(n)), crypto, clientId: `test/${n}`, protocols: [quiet] },
        ...{ listen: { host: ip, port: 30303 }, clock, random: createSeededRandom(n) },
        ...{ dial: host.dial, bind: host.listen, bindDatagram: datagrams.host(ip).bind },
        ...{ ...all, ...options },
      })
      running.push({ server, clock })
      return server
    },
  }
}

describe.each(['geth-2026', 'geth-2018'] as const)('servers with discovery v4, under the policy %s', (policy) => {
  test('each told one bootnode and nothing more, become peers of each other', async () => {
    const { clock, start } = createWorld({ policy })
    const boot = await start(1, { discovery: [discv4()] })
    const bootnodes = [boot.localNode.enode]
    const others = await Promise.all([2, 3, 4, 5].map((n) => start(n, { discovery: [discv4({ bootnodes })] })))
    const servers = [boot, ...others]
    await clock.advance(60_000)
    for (const server of servers) {
      expect(server.peers().map(({ id }) => id)).toHaveLength(4)
      // What lookups find comes without records.
      const dialled = policy === 'geth-2026' ? server.peers().filter(({ inbound }) => !inbound) : []
      for (const peer of dialled) expect(peer.info().enr).toMatch(/^enr:/)
    }
  })

  test('and a filter that judges records, become peers of each other, too', async () => {
    const { clock, start } = createWorld({ policy, dialFilter: ({ record }) => record !== undefined })
    const boot = await start(1, { discovery: [discv4()] })
    const bootnodes = [boot.localNode.enode]
    const others = await Promise.all([2, 3, 4].map((n) => start(n, { discovery: [discv4({ bootnodes })] })))
    await clock.advance(60_000)
    for (const server of [boot, ...others]) {
      expect(server.peers()).toHaveLength(3)
      for (const peer of server.peers()) expect(peer.inbound || peer.info().enr?.startsWith('enr:')).toBe(true)
    }
  })

  test('case 59: find the network by their node database when all bootnodes are dead', async () => {
    const { clock, start } = createWorld({ policy })
    const boot = await start(1, { discovery: [discv4()] })
    const bootnodes = [boot.localNode.enode]
    await start(2, { discovery: [discv4({ bootnodes })] })
    const random = createSeededRandom(9)
    const nodeDatabase = await createNodeDatabase(undefined, { clock, random })
    const early = await start(3, { discovery: [discv4({ bootnodes })], nodeDatabase })
    await clock.advance(60_000)
    expect(early.peers()).toHaveLength(2)
    await clock.runUntil(Promise.all([early.close(), boot.close()]))
    const late = await start(3, { discovery: [discv4({ bootnodes })], nodeDatabase })
    await clock.advance(60_000)
    expect(late.peers().map(({ clientId }) => clientId)).toEqual(['test/2'])
  })

  test('leave no timer when they close', async () => {
    const { clock, start } = createWorld({ policy })
    const a = await start(1, { discovery: [discv4()] })
    const b = await start(2, { discovery: [discv4({ bootnodes: [a.localNode.enode] })] })
    await clock.advance(30_000)
    const startedMs = clock.monotonicMs()
    await clock.runUntil(Promise.all([a.close(), b.close()]))
    expect(clock.monotonicMs() - startedMs).toBeLessThanOrEqual(5_000)
    // Packets that were under way arrive.
    await clock.advance(100)
    expect(clock.timers).toBe(0)
  })
})
