import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GeneratedChain, generateChain } from '../src/chaingen.ts'
import { compareWithGeth, untilSynced } from '../src/compare.ts'
import { type Ethwire, startEthwire } from '../src/ethwire-process.ts'
import { type Geth, startGeth } from '../src/geth.ts'
import { type LyingPeer, startLyingPeer } from '../src/lying-peer.ts'
import { startStallingProxy } from '../src/stalling-proxy.ts'
import { until } from '../src/until.ts'

const head = 1500

describe('a sync from four peers, of which one is honest', () => {
  let chain: GeneratedChain
  let other: GeneratedChain
  let geths: Geth[]
  let liar: LyingPeer

  beforeAll(async () => {
    ;[chain, other] = await Promise.all([
      generateChain({ blocks: head, txs: 2, seed: 21 }),
      generateChain({ blocks: head + 50, txs: 1, seed: 22 }),
    ])
    geths = []
    for (const imported of [chain, chain, other]) geths.push(await startGeth(imported))
    liar = await startLyingPeer(chain)
  })
  afterAll(async () => {
    await Promise.all(geths?.map((geth) => geth.kill()) ?? [])
    await liar?.[Symbol.asyncDispose]()
  })

  test('completes, and the liar, the staller and the stranger are named, each by its reason', async () => {
    const [honest, silenced, stranger] = geths as [Geth, Geth, Geth]
    using proxy = await startStallingProxy(silenced.p2pPort, 60_000)
    const throughProxy = silenced.enode.replace(`:${silenced.p2pPort}`, `:${proxy.port}`)
    await using node = await startEthwire({
      ...chain,
      staticnodes: [liar.enode, throughProxy, stranger.enode, honest.enode],
      head: chain.headHash as `0x${string}`,
      receipts: true,
      args: ['--verbosity', '4'],
    })
    await untilSynced(node, head, 90_000)
    expect(await compareWithGeth(node, honest, { head, receipts: true, step: 10 })).toBe(head / 10 + 1)

    expect(liar.lies()).toBeGreaterThan(0)
    await until('the liar is named', async () => named(node, liar.id, 'liar'), { timeoutMs: 10_000 })
    expect(proxy.stalled()).toBe(true)
    await until('the staller is named', async () => named(node, silenced.id, 'staller'), { timeoutMs: 60_000 })
    // It has another genesis, which its Status says at once: nothing was ever asked of it.
    const refused = new RegExp(`"peer":"${stranger.id}".*"code":"[A-Z_]+","error":"[^"]*(?:network|genesis|fork)`)
    await until('the stranger is named', async () => refused.test(node.logs()), { timeoutMs: 10_000 })
    expect(node.logs()).not.toMatch(new RegExp(`"peer":"${honest.id}","offence"`))
    const peers = await node.rpc<{ id: string }[]>('admin_peers')
    expect(peers.map(({ id }) => id)).toContain(honest.id)
    await node.stop()
  })
})

function named(node: Ethwire, id: string, offence: string): boolean {
  return node.logs().includes(`"peer":"${id}","offence":"${offence}"`)
}
