import { nativeCrypto } from '@ethwire/crypto-native'
import { until } from '@ethwire/interop/until'
import { dialHello } from '@ethwire/p2p-server'
import type { Claim } from './attack.ts'
import { startHonestNode } from './control.ts'
import type { Victim } from './victim.ts'
import type { VictimChain } from './victim-chain.ts'

/** When the flood is at its height. */
const afterMs = 9_000

/** Case 21: the attacked node is told to dial an honest one, which has to be its peer within 2 s. */
export async function becomesPeer({ node }: Victim, chain: VictimChain): Promise<Claim[]> {
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  let longestMs = 0
  for (const host of ['127.0.0.3', '127.0.0.4', '127.0.0.5']) {
    await using server = await startHonestNode(chain, { host })
    const { enode, id } = server.nodeInfo()
    const start = performance.now()
    await node.rpc('admin_addPeer', enode)
    const connected = async (): Promise<boolean> => server.peers().length > 0
    await until(`the attacked node has dialled ${id}`, connected, { timeoutMs: 20_000, intervalMs: 10 })
    longestMs = Math.max(longestMs, performance.now() - start)
    await node.rpc('admin_removePeer', enode)
  }
  const note = 'case 21: how long the attacked node took to become a peer of an honest one, the longest of three'
  return [{ name: 'own-dial', ours: longestMs, limit: 2_000, unit: 'ms', note }]
}

/** Whether somebody new gets in once the attack is over. */
export async function joins({ node }: Victim): Promise<Claim[]> {
  const start = performance.now()
  const crypto = nativeCrypto === undefined ? {} : { crypto: nativeCrypto }
  const capabilities = [{ name: 'eth', version: 70 }]
  const joined = async (): Promise<boolean> => {
    await dialHello(node.enode, { signal: AbortSignal.timeout(5_000), capabilities, ...crypto })
    return true
  }
  await until('somebody new got in', joined, { timeoutMs: 60_000, intervalMs: 100 })
  const note = 'how long somebody new needed to exchange hello after the attack'
  return [{ name: 'new-peer', ours: performance.now() - start, limit: 6_000, unit: 'ms', note }]
}
