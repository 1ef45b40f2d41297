import { styleText } from 'node:util'
import Table from 'cli-table3'
import { duration, grouped } from '../progress-text.ts'
import type { NodeState } from './watched-node.ts'

/** `0xab05240a…c0a2a6` */
export function shortHash(hash: string): string {
  return hash === '' ? '' : `${hash.slice(0, 10)}…${hash.slice(-6)}`
}

/** All nodes in a table, for a terminal. */
export function tableOf(nodes: readonly NodeState[], target: number): string {
  const table = new Table({
    head: ['node', 'TCP port', 'peers', 'height', 'blocks/s', 'head', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left', 'left'],
    style: { head: ['bold'], border: ['gray'], compact: true },
  })
  for (const node of nodes) {
    const { name, port, peers, height, perSecond, headHash } = node
    table.push([
      name,
      port === 0 ? '' : String(port),
      String(peers),
      grouped(height),
      perSecond < 1 ? '' : grouped(perSecond),
      shortHash(headHash),
      standing(node, target),
    ])
  }
  return table.toString()
}

function standing({ isSource, height, syncMs, port }: NodeState, target: number): string {
  if (port === 0) return 'starting'
  if (target === 0) return 'waiting for the chain'
  if (height < target)
    return styleText('yellow', height === 0 ? 'waiting for peers' : `${Math.floor((height / target) * 100)} %`)
  const how = isSource ? 'has the sample chain' : `synced in ${seconds(syncMs)}`
  return styleText('green', how)
}

/** All nodes in one line, where nobody sees a table move. */
export function lineOf(nodes: readonly NodeState[]): string {
  return nodes.map(({ name, height, peers }) => `${name}: block ${grouped(height)}, ${peerCount(peers)}`).join('; ')
}

/** Why a devnet is not synced when its time is over. */
export function lateText(nodes: readonly NodeState[], target: number, timeoutSeconds: number): string {
  const missing = nodes.filter(({ height, port }) => port === 0 || target === 0 || height < target).map(whatIsMissing)
  const what = target === 0 ? 'not started' : `not synced to block ${grouped(target)}`
  return `${what} within ${timeoutSeconds} s: ${missing.join(', ')}`
}

function whatIsMissing({ name, isSource, port, height, peers }: NodeState): string {
  if (port !== 0) return `${name} at block ${grouped(height)} with ${peerCount(peers)}`
  return isSource ? `${name} is still importing the sample chain or starting` : `${name} is still starting`
}

function peerCount(peers: number): string {
  return peers === 1 ? '1 peer' : `${peers} peers`
}

/** `0.8 s` */
export function seconds(ms: number | undefined): string {
  if (ms === undefined) return '?'
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000)
}
