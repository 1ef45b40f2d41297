import { buildPeers } from '@ethwire/interop/build'
import { type GeneratedChain, generateChain } from '@ethwire/interop/chaingen'
import { startEthwire } from '@ethwire/interop/ethwire-process'
import { type Geth, startGeth } from '@ethwire/interop/geth'
import { startLyingPeer } from '@ethwire/interop/lying-peer'
import { startStallingProxy } from '@ethwire/interop/stalling-proxy'
import { type Line, rounded } from './line.ts'
import { median } from './measure.ts'
import { syncMs } from './sync-time.ts'

const rounds = 3
const blocks = 10_000
/** What the proxy lets through: the first answers, and then a part of one. */
const bytesUntilStall = 400_000
const maxRatio = 1.25

/**
 * Our node syncs from an honest geth alone, and from four peers at once: that geth, a geth on another chain, a geth behind
 * a proxy that stops forwarding, and a node of ours that gives wrong bodies. @throws Error when the bad company costs more
 * than a quarter of the time
 */
export async function* benchFourPeers(): AsyncGenerator<Line> {
  buildPeers()
  console.error(`Generating two chains of ${blocks} blocks, and importing them into three geths and a liar…`)
  const [chain, other] = await Promise.all([
    generateChain({ blocks, txs: 2, seed: 21 }),
    generateChain({ blocks, txs: 1, seed: 22 }),
  ])
  await using honest = await startGeth(chain)
  await using silenced = await startGeth(chain)
  await using stranger = await startGeth(other)
  await using liar = await startLyingPeer(chain)
  const alone: number[] = []
  const amongFour: number[] = []
  // Once for everybody's caches.
  await syncFrom(chain, [honest.enode])
  for (let round = 0; round < rounds; round++) {
    alone.push(await syncFrom(chain, [honest.enode]))
    using proxy = await startStallingProxy(silenced.p2pPort, bytesUntilStall)
    amongFour.push(await syncFrom(chain, [liar.enode, through(silenced, proxy.port), stranger.enode, honest.enode]))
    if (!proxy.stalled()) throw new Error('the proxy had nothing to stall: nobody asked the geth behind it')
  }
  if (liar.lies() === 0) throw new Error('nobody asked the liar for bodies')
  const [ours, peer] = [median(amongFour) / 1000, median(alone) / 1000]
  yield {
    ...{ name: 'four-peers', ours: rounded(ours), peer: rounded(peer), peerName: 'the honest geth alone', unit: 's' },
    ratio: rounded(peer / ours),
    note: `${blocks} blocks with receipts from an honest geth, one on another chain, one that stalls, and a liar; median of ${rounds}; at most ${maxRatio} times the time with the honest one alone`,
  }
  if (ours > peer * maxRatio) {
    throw new Error(
      `the sync took ${rounded(ours / peer)} times as long as from the honest geth alone (at most ${maxRatio})`,
    )
  }
}

const through = ({ enode, p2pPort }: Geth, port: number): string => enode.replace(`:${p2pPort}`, `:${port}`)

async function syncFrom(chain: GeneratedChain, staticnodes: readonly string[]): Promise<number> {
  const { genesis, networkId, headHash } = chain
  await using node = await startEthwire({
    ...{ genesis, networkId, staticnodes, receipts: true },
    head: headHash as `0x${string}`,
  })
  const ms = await syncMs(node, blocks)
  await node.stop()
  return ms
}
