import { pureCrypto } from '@ethwire/crypto'
import { createNodeDatabase, type NodeDatabase } from '@ethwire/nodedb'
import { describe, expect, it, vi } from 'vitest'
import { createSimulation, measureLookups, reportTables, type SimulationOptions, settledNodes } from '../src/index.ts'

// Much is simulated here, and machines are busy at times.
vi.setConfig({ testTimeout: 60_000 })

const usual = { seed: 42, latencyMs: [20, 120], lossPercent: 2 } as const

describe('a simulated network', () => {
  it('is found by all who know one bootnode', async () => {
    const net = createSimulation({ ...usual, nodes: 60 })
    await net.run({ minutes: 6 })
    expect(net.nodes()).toHaveLength(60)
    expect(net.reachable()).toBe(60)
    const lookups = await measureLookups(net, { count: 60 })
    expect(lookups.trueClosestShare).toBe(1)
    expect(lookups.meanHops).toBeLessThanOrEqual(Math.log2(60) / 2 + 2)
    await net.close()
    // What was under way arrives; then nothing runs.
    await net.clock.advance(120)
    expect(net.clock.timers).toBe(0)
  })

  it('is the same for the same seed, to the last packet, and another for another', async () => {
    const run = async (seed: number): Promise<object> => {
      const net = createSimulation({ ...usual, seed, nodes: 20, medianLifeMinutes: 5 })
      await net.run({ minutes: 5 })
      const outcome = {
        ...net.network.counters,
        nodes: net.nodes().map(({ index }) => index),
        tables: reportTables(net, net.nodes()),
      }
      await net.close()
      return outcome
    }
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  it('works with real cryptography as well', async () => {
    const net = createSimulation({ ...usual, nodes: 6, crypto: pureCrypto })
    await net.run({ minutes: 2 })
    expect(net.reachable()).toBe(6)
    await net.close()
  })

  it.each(['geth-2026', 'geth-2018'] as const)(
    'keeps its tables mostly live while nodes come and go, by policy %s',
    async (policy) => {
      const net = createSimulation({ ...usual, nodes: 50, policy, joinMinutes: 2, medianLifeMinutes: 60 })
      await net.run({ minutes: 15 })
      const tables = reportTables(net, settledNodes(net, 5))
      expect(tables.liveShare).toBeGreaterThan(0.8)
      const lookups = await measureLookups(net, { count: 50 })
      expect(lookups.trueClosestShare).toBeGreaterThanOrEqual(0.98)
      await net.close()
    },
  )

  it('that is closed closes those as well that are still starting', async () => {
    const gate = Promise.withResolvers<NodeDatabase>()
    const net = createSimulation({ ...usual, nodes: 1, nodeDatabase: () => gate.promise })
    await net.run({ seconds: 1 })
    await net.close()
    const database = await createNodeDatabase(undefined, { clock: net.clock })
    gate.resolve(database)
    await net.run({ seconds: 1 })
    await database.close()
    expect(net.clock.timers).toBe(0)
  })

  it('refuses sizes that make no sense', () => {
    for (const options of [{ nodes: 0 }, { nodes: 1.5 }, { nodes: 2, bootnodes: 3 }, { nodes: 2, bootnodes: 0 }]) {
      expect(() => createSimulation({ ...usual, ...options } as SimulationOptions)).toThrow(RangeError)
    }
  })
})
