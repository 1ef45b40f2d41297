import type { Ethwire } from '@ethwire/interop/ethwire-process'
import { until } from '@ethwire/interop/until'

/** How long a node's first sync took, in milliseconds, by its own log: from the first request for headers until all is stored. */
export async function syncMs(node: Ethwire, blocks: number): Promise<number> {
  const end = await until('our node has the chain', async () => logged(node, 'Synced'), {
    timeoutMs: 120_000,
    intervalMs: 50,
  })
  const height = Number(await node.rpc('eth_blockNumber'))
  if (height !== blocks) throw new Error(`our node stopped at block ${height}\n${node.logs()}`)
  const start = logged(node, 'Syncing')
  if (start === undefined) throw new Error(`our node did not say when it began\n${node.logs()}`)
  return end - start
}

/** When the node first logged this message, in milliseconds. */
function logged(node: Ethwire, message: string): number | undefined {
  for (const line of node.logs().split('\n')) {
    if (!line.startsWith('{')) continue
    const entry = JSON.parse(line) as { time: number; msg: string }
    if (entry.msg === message) return entry.time
  }
  return undefined
}
