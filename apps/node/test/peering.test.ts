import { noMetrics, silentLogger } from '@ethwire/io'
import { createP2pServer, type P2pServer, type P2pServerOptions } from '@ethwire/p2p-server'
import { createMemoryNetwork, createSeededRandom, createVirtualClock } from '@ethwire/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createNodeReputation, createPeerBans } from '../src/peering.ts'
import { crypto } from './support.ts'

/** A protocol that keeps its peers and says nothing. */
const quiet: P2pServerOptions['protocols'][number] = {
  ...{ name: 'quiet', versions: { 1: { length: 1 } }, limits: { maxMessageBytes: 1024 } },
  async run({ messages }) {
    for await (const _ of messages);
  },
}

function createWorld() {
  const clock = createVirtualClock()
  const network = createMemoryNetwork()
  return {
    clock,
    async start(n: number, options: Partial<P2pServerOptions> = {}): Promise<P2pServer> {
      const { dial, listen: bind } = network.host(`10.0.0.${n}`)
      const server = await createP2pServer({
        ...{ privateKey: crypto.keccak256(Uint8Array.of(n)), crypto, clientId: `test/${n}`, protocols: [quiet] },
        ...{ listen: { port: 30303 }, clock, random: createSeededRandom(n), dial, bind },
        ...options,
      })
      onTestFinished(() => clock.runUntil(server.close()))
      return server
    },
  }
}

describe('a ban by hand', () => {
  test('parts with a node, keeps it out, and ends when that is said', async () => {
    const { clock, start } = createWorld()
    const options = { clock, logger: silentLogger, metrics: noMetrics }
    const reputation = createNodeReputation({ ...options, remembersOffences: false })
    const a = await start(1, { reputation })
    const bans = createPeerBans(a, reputation, crypto)
    const b = await start(2, { staticNodes: [a.localNode.enode] })
    await clock.advance(5_000)
    expect(a.peers()).toHaveLength(1)
    const refused: string[] = []
    a.on('inbound:refused', ({ rule }) => refused.push(rule))
    bans.ban(b.localNode.enode)
    await clock.advance(600_000)
    expect(a.peers()).toEqual([])
    expect(new Set(refused)).toEqual(new Set(['banned']))
    expect(reputation.explain({ nodeIdHex: b.localNode.nodeIdHex }).bannedForMs).toBe(Number.POSITIVE_INFINITY)
    bans.unban(b.localNode.record.text)
    await clock.advance(600_000)
    expect(a.peers()).toHaveLength(1)
  })

  test('is of a node that is static, too, which is static no more', async () => {
    const { clock, start } = createWorld()
    const options = { clock, logger: silentLogger, metrics: noMetrics }
    const reputation = createNodeReputation({ ...options, remembersOffences: false })
    const b = await start(2)
    const a = await start(1, { reputation, staticNodes: [b.localNode.enode] })
    await clock.advance(5_000)
    expect(a.peers()).toHaveLength(1)
    createPeerBans(a, reputation, crypto).ban(b.localNode.enode)
    await clock.advance(600_000)
    expect(a.peers()).toEqual([])
    expect(a.dialState().staticNodes).toEqual([])
  })

  test('leaves a trusted node alone', async () => {
    const { clock, start } = createWorld()
    const options = { clock, logger: silentLogger, metrics: noMetrics }
    const reputation = createNodeReputation({ ...options, remembersOffences: false })
    const b = await start(2)
    const a = await start(1, { reputation, staticNodes: [b.localNode.enode], trustedNodes: [b.localNode.enode] })
    await clock.advance(5_000)
    createPeerBans(a, reputation, crypto).ban(b.localNode.enode)
    await clock.advance(600_000)
    expect(a.peers()).toHaveLength(1)
    expect(a.dialState().staticNodes).toHaveLength(1)
  })

  test('is of what is a node', () => {
    const reputation = createNodeReputation({
      ...{ clock: createVirtualClock(), logger: silentLogger, metrics: noMetrics, remembersOffences: true },
    })
    const bans = createPeerBans({ peers: () => [], removePeer: () => false }, reputation, crypto)
    expect(() => bans.ban('enode://')).toThrow()
    expect(() => bans.unban('1.2.3.4')).toThrow()
  })
})

test('offences are remembered only if that is wished', () => {
  const options = { clock: createVirtualClock(), logger: silentLogger, metrics: noMetrics }
  const node = { nodeIdHex: 'ab'.repeat(32) }
  for (const remembersOffences of [true, false]) {
    const reputation = createNodeReputation({ ...options, remembersOffences })
    reputation.report(node, 'breach')
    expect(reputation.isBanned(node.nodeIdHex, undefined) !== undefined).toBe(remembersOffences)
    expect(reputation.backoffMs(node.nodeIdHex) > 0).toBe(remembersOffences)
  }
})
