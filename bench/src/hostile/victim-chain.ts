import { buildPeers } from '@ethwire/interop/build'
import { startEthwire } from '@ethwire/interop/ethwire-process'
import { startGeth } from '@ethwire/interop/geth'
import { gethTestChain } from '@ethwire/interop/paths'
import { until } from '@ethwire/interop/until'

/** The chain of the attacked node. */
export interface VictimChain {
  readonly genesis: string
  readonly networkId: number
  readonly head: number
  /** A block whose receipts are larger than any one message. */
  readonly largestReceipts: number
  /** A data directory with all blocks and receipts, to be copied before it is used. */
  readonly datadir: string
}

/** geth's own test chain: small, but for one block with more than 10 MiB of receipts. */
const head = 600
const largestReceipts = 14

/** Has a node of ours pull the chain from a geth once. */
export async function prepareVictimChain(): Promise<VictimChain> {
  buildPeers()
  const { genesis, chain, networkId } = gethTestChain()
  await using geth = await startGeth({ genesis, chain, networkId })
  await using node = await startEthwire({ genesis, networkId, staticnodes: [geth.enode], receipts: true })
  const hasAll = async (): Promise<boolean> => {
    if (Number(await node.rpc('eth_blockNumber')) !== head) return false
    const receipts = await node.rpc('eth_getBlockReceipts', `0x${largestReceipts.toString(16)}`)
    return receipts !== null && (await node.rpc('eth_syncing')) === false
  }
  await until('our node has the chain with its receipts', hasAll, { timeoutMs: 60_000, intervalMs: 200 })
  await node.stop()
  return { genesis, networkId, head, largestReceipts, datadir: node.datadir }
}
