import type { NodeProvider } from '@ethwire/dialer'
import { type NodeAddress, nodeFromEnode, parseEnode } from '@ethwire/enr'
import { describe, expect, test } from 'vitest'
import type { P2pServer } from '../src/index.ts'
import { createWorld } from './support.ts'

const policy = 'geth-2018'

/** A table of nodes, as discovery has one. */
function table(nodes: readonly NodeAddress[], more: Partial<NodeProvider> = {}): NodeProvider {
  return {
    ...{ name: 'table', async *nodes() {}, readRandomNodes: (count: number) => nodes.slice(0, count) },
    ...{ lookup: async () => [...nodes], resolve: async () => undefined },
    ...more,
  }
}

const addresses = (servers: readonly P2pServer[]): NodeAddress[] => servers.map(({ localNode }) => localNode.address)

describe('a server under the policy of 2018', () => {
  test('does not start with a source that cannot be looked up in, says which, and leaves nothing behind', async () => {
    const { start } = createWorld()
    async function* list(): AsyncGenerator<NodeAddress> {}
    const sources = [{ name: 'a list', nodes: list }]
    await expect(start(1, { policy, sources })).rejects.toThrow(
      /^the dial scheduler of 2018 .* a list has no readRandom/,
    )
    await start(1, { policy, sources: [] })
  })

  test('dials the nodes of a table up to its share, and static nodes besides', async () => {
    const { clock, start } = createWorld()
    const others = await Promise.all([2, 3, 4, 5, 6, 7, 8, 9].map((n) => start(n)))
    const a = await start(1, {
      ...{ policy, maxPeers: 6, dialRatio: 3, sources: [table(addresses(others.slice(0, 4)))] },
      staticNodes: others.slice(4).map(({ localNode }) => localNode.enode),
    })
    await clock.advance(60_000)
    expect(a.peers().filter(({ isStatic }) => isStatic)).toHaveLength(4)
    expect(a.peers().filter(({ isStatic }) => !isStatic)).toHaveLength(2)
  })

  test('and a filter dials what lookups find, whose records are asked for', async () => {
    const { clock, start } = createWorld()
    const others = await Promise.all([2, 3, 4, 5].map((n) => start(n)))
    const found = others.map(({ localNode }) => nodeFromEnode(parseEnode(localNode.enode)))
    const asked: string[] = []
    const source = table(found, {
      async requestEnr({ nodeIdHex }) {
        asked.push(nodeIdHex)
        const record = others.find(({ localNode }) => localNode.nodeIdHex === nodeIdHex)?.localNode.record
        if (record === undefined || nodeIdHex === found[0]?.nodeIdHex) throw new Error('no answer')
        return record
      },
    })
    const a = await start(1, {
      policy,
      sources: [source],
      maxPeers: 12,
      dialFilter: ({ record }) => record !== undefined,
    })
    await clock.advance(60_000)
    const expected = found.slice(1).map(({ nodeIdHex }) => nodeIdHex)
    expect(new Set(a.peers().map(({ id }) => id))).toEqual(new Set(expected))
    expect(a.dialState().refused.filtered).toBeGreaterThan(0)
    expect(asked).toContain(found[0]?.nodeIdHex)
  })

  test('lets its static nodes in over maxPeers, as geth did then', async () => {
    const { clock, start } = createWorld()
    const others = await Promise.all([2, 3, 4].map((n) => start(n)))
    const staticNodes = others.map(({ localNode }) => localNode.enode)
    const a = await start(1, { policy, maxPeers: 1, staticNodes })
    await clock.advance(5_000)
    expect(a.peers()).toHaveLength(3)
  })

  test('dials the bootnodes of its discovery when it has found nobody else for 20 s', async () => {
    const { clock, start } = createWorld()
    const boot = await start(2)
    const a = await start(1, { policy, sources: [table([], { bootnodes: addresses([boot]) })] })
    await clock.advance(20_000)
    expect(a.peers()).toHaveLength(0)
    await clock.advance(10_000)
    expect(a.peers().map(({ id }) => id)).toEqual([boot.localNode.nodeIdHex])
  })
})
