import { readFileSync } from 'node:fs'
import type { Ethwire } from '@ethwire/interop/ethwire-process'

/** What became of the packets that reached a node, and of those that did not. */
export interface PacketCounts {
  /** By reason, as the node's metrics have them. */
  readonly drops: ReadonlyMap<string, number>
  /** Packets whose signer was looked for. */
  readonly recovered: number
  /** Dropped by the system, because the node had not read what came before. */
  readonly lost: number
}

const dropPrefix = 'discover_drop_'
const inPrefix = 'discover_packets_in_'

/** @throws Error when the node serves no metrics */
export async function packetCounts(node: Ethwire): Promise<PacketCounts> {
  const url = /"url":"([^"]+)"[^\n]*"msg":"Metrics server started"/.exec(node.logs())?.[1]
  if (url === undefined) throw new Error(`the node serves no metrics\n${node.logs()}`)
  const response = await fetch(url)
  const drops = new Map<string, number>() // bounded: by the node's reasons
  let recovered = 0
  for (const line of (await response.text()).split('\n')) {
    const [name = '', value] = line.split(' ')
    if (name.startsWith(inPrefix)) recovered += Number(value)
    if (name.startsWith(dropPrefix)) drops.set(name.slice(dropPrefix.length).replaceAll('_', '-'), Number(value))
  }
  return { drops, recovered: recovered + (drops.get('packet-signature') ?? 0), lost: lostAt(node.p2pPort) }
}

/** What a second look has more than a first. */
export function sinceCounts(now: PacketCounts, before: PacketCounts): PacketCounts {
  const drops = [...now.drops].map(([reason, count]) => [reason, count - (before.drops.get(reason) ?? 0)] as const)
  return {
    drops: new Map(drops.filter(([, count]) => count > 0)),
    recovered: now.recovered - before.recovered,
    lost: now.lost - before.lost,
  }
}

/** proc(5), `/proc/net/udp`: the last column. */
function lostAt(port: number): number {
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/udp', 'utf8').split('\n')
  const line = lines.find((text) => text.trim().split(/\s+/)[1] === wanted)
  return Number(line?.trim().split(/\s+/).at(-1) ?? 0)
}
