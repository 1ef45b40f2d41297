import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateChain } from '../src/chaingen.ts'
import { compareWithGeth, headHash, untilSynced } from '../src/compare.ts'
import { type Ethwire, startEthwire } from '../src/ethwire-process.ts'
import { type Geth, startGeth } from '../src/geth.ts'
import { gethTestChain } from '../src/paths.ts'
import type { Json } from '../src/rpc.ts'
import { until } from '../src/until.ts'

describe("geth's test chain of 600 blocks", () => {
  const chain = gethTestChain()
  const head = 600
  // 10.64 MB of receipts, over the limit of a message; eth/69 has no way to ask for less than all of them.
  const heavy = 14
  let geth: Geth

  beforeAll(async () => {
    geth = await startGeth(chain)
  })
  afterAll(() => geth?.kill())

  test('is pulled with all receipts over eth/70', async () => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], versions: [70], receipts: true })
    await untilSynced(node, head, 60_000)
    expect(await compareWithGeth(node, geth, { head, receipts: true })).toBe(head + 1)
    await node.stop()
  })

  test('is pulled over eth/69 save the receipts that fit in no message, which eth/70 brings later', async () => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], versions: [69], receipts: true })
    await untilSynced(node, head, 60_000)
    expect(await compareWithGeth(node, geth, { head, receipts: true, without: [heavy] })).toBe(head + 1)
    await expect(receipts(node, heavy)).rejects.toThrow(/receipts unavailable/i)
    expect(node.logs()).toMatch(/receipts unavailable/i)
    expect((await node.rpc<{ id: string }[]>('admin_peers')).map((peer) => peer.id)).toEqual([geth.id])

    await node.restart({ versions: [69, 70] })
    await until('the receipts come over eth/70', () => receipts(node, heavy), { timeoutMs: 60_000 })
    expect(await receipts(node, heavy)).toEqual(await receipts(geth, heavy))
    await node.stop()
  })
})

describe('a fresh chain of 2,000 blocks', () => {
  const head = 2000
  const seed = randomInt(2 ** 32)
  const forkSchedule = seed % 2 === 0 ? 'prague' : 'osaka'
  let chain: Awaited<ReturnType<typeof generateChain>>
  let geth: Geth

  beforeAll(async () => {
    console.log(`chain of 2,000 blocks: --seed ${seed} --fork-schedule ${forkSchedule}`)
    chain = await generateChain({ blocks: head, txs: 4, seed, forkSchedule })
    geth = await startGeth(chain)
  })
  afterAll(() => geth?.kill())

  test.each([69, 70])('is pulled with all receipts over eth/%i', async (version) => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], versions: [version], receipts: true })
    await untilSynced(node, head, 90_000)
    expect(await headHash(node.rpc), `seed ${seed}`).toBe(chain.headHash)
    expect(await compareWithGeth(node, geth, { head, receipts: true })).toBe(head + 1)
    await node.stop()
  })

  test('is pulled without receipts from a head given by its hash', async () => {
    const to = chain.headHash as `0x${string}`
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], head: to })
    await untilSynced(node, head, 90_000)
    expect(await compareWithGeth(node, geth, { head, receipts: false, step: 50 })).toBe(head / 50 + 1)
    await node.stop()
  })
})

function receipts(node: Ethwire | Geth, number: number): Promise<Json[]> {
  return node.rpc<Json[]>('eth_getBlockReceipts', `0x${number.toString(16)}`)
}
