import { syncAtOnce } from './control.ts'
import { startVictim } from './victim.ts'
import type { VictimChain } from './victim-chain.ts'

/** As many as the attack that asks for the most has, and as long. */
const peers = 8
const durationMs = 10_000

/**
 * The most memory that serving honest peers takes, several that sync at once: what a node that has been at work keeps. V8's
 * young generation grows to some 50 MB with any load, and becomes no smaller as long as anything goes on; glibc keeps
 * what is free between what is not.
 */
export async function memoryOfServing(chain: VictimChain): Promise<number> {
  await using victim = await startVictim(chain, { maxPeers: 50 })
  await syncAtOnce(victim.node, chain, peers, durationMs)
  const { peakBytes } = await victim.figures()
  await victim.node.stop()
  return peakBytes
}
