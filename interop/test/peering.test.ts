import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GeneratedChain, generateChain } from '../src/chaingen.ts'
import { compareWithGeth, headHash, height, untilMidSync, untilSynced } from '../src/compare.ts'
import { type Ethwire, startEthwire } from '../src/ethwire-process.ts'
import { type Geth, type GethPeer, startGeth } from '../src/geth.ts'
import { gethTestChain } from '../src/paths.ts'
import { until } from '../src/until.ts'

describe('a connection with geth', () => {
  test('stays for 60 s and shows in both lists of peers, whoever dials', async () => {
    const chain = gethTestChain()
    await using geth = await startGeth(chain)
    await using dialing = await startEthwire({ ...chain, staticnodes: [geth.enode] })
    await using dialed = await startEthwire(chain)
    expect(await geth.rpc('admin_addPeer', dialed.enode)).toBe(true)

    const listed = async (node: Ethwire): Promise<GethPeer | undefined> => {
      const peers = await geth.rpc<GethPeer[]>('admin_peers')
      return peers.find((peer) => peer.id === node.id && typeof peer.protocols.eth === 'object')
    }
    await until('geth lists the node that dialed it', () => listed(dialing), { timeoutMs: 20_000 })
    await until('geth lists the node that it dialed', () => listed(dialed), { timeoutMs: 20_000 })
    const connections = [await listed(dialing), await listed(dialed)].map((peer) => peer?.network)

    // The wait is what is tested: nothing may end a quiet connection.
    for (let second = 0; second < 60; second += 1) {
      const now = [await listed(dialing), await listed(dialed)]
      expect(now.map((peer) => peer?.network)).toEqual(connections)
      await delay(1000)
    }

    expect((await listed(dialing))?.network.inbound).toBe(true)
    expect((await listed(dialed))?.network.inbound).toBe(false)
    for (const node of [dialing, dialed]) {
      const peer = await listed(node)
      expect(peer?.protocols.eth).toMatchObject({ version: 70 })
      expect(peer?.name).toMatch(/^ethwire\//i)
      const ours = await node.rpc<GethPeer[]>('admin_peers')
      expect(ours.map(({ id }) => id)).toEqual([geth.id])
      expect(Object.keys(ours[0]!).sort()).toEqual(Object.keys(peer!).sort())
      expect(Object.keys(ours[0]!.network).sort()).toEqual(Object.keys(peer!.network).sort())
      expect(ours[0]!.network.inbound).toBe(node === dialed)
      const latest = { earliestBlock: 0, latestBlock: 600, latestBlockHash: await headHash(geth.rpc) }
      expect(ours[0]!.protocols.eth).toEqual({ version: 70, ...latest })
    }
    for (const node of [dialing, dialed]) await node.stop()
  })
})

describe('a sync of 10,000 blocks', () => {
  const head = 10_000
  let chain: GeneratedChain
  let geth: Geth

  beforeAll(async () => {
    chain = await generateChain({ blocks: head, txs: 1, seed: 9 })
    geth = await startGeth(chain)
  })
  afterAll(() => geth?.kill())

  test('outlives a restart of geth', async () => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], receipts: true })
    await untilMidSync(node, head / 10, head)
    await geth.stop()
    expect(await height(node.rpc)).toBeLessThan(head)
    await geth.restart()
    await untilSynced(node, head, 120_000)
    await compareWithGeth(node, geth, { head, receipts: true, step: 100 })
    await node.stop()
  })

  test('goes on where it was after SIGKILL', async () => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], receipts: true })
    const reported = await untilMidSync(node, head / 10, head)
    await node.kill()
    await geth.stop()

    // Without a peer the height cannot come from anywhere but the disk.
    await node.restart()
    const kept = await height(node.rpc)
    expect(kept).toBeGreaterThanOrEqual(reported)
    expect(kept).toBeLessThan(head)

    await geth.restart()
    await untilSynced(node, head, 120_000)
    await compareWithGeth(node, geth, { head, receipts: true, step: 100 })
    await node.stop()
  })
})
