import { silentLogger } from '@ethwire/io'
import { complain } from '../complain.ts'
import { chooseCrypto } from '../crypto-choice.ts'
import { jsonText } from '../json-text.ts'
import { formatNodeSet, type NodeSet, readNodeSet } from '../node-set.ts'
import type { NodesetOptions } from '../options/nodeset-options.ts'
import { printLine, printWhole } from '../output.ts'
import { filterNodes, parseFilters } from './nodeset-filter.ts'

/** `ethwire nodeset info FILE` */
export async function nodesetInfo(file: string, { json }: NodesetOptions): Promise<number> {
  const set = await readNodeSet(file, chooseCrypto(silentLogger), complain)
  const counts = countKeys(set)
  await printLine(
    json === true ? jsonText({ nodes: set.size, attributes: Object.fromEntries(counts) }) : infoText(set.size, counts),
  )
  return 0
}

/** `ethwire nodeset filter FILE FILTERS…`: the nodes that pass, as a file of nodes. */
export async function nodesetFilter(file: string, filters: readonly string[]): Promise<number> {
  const crypto = chooseCrypto(silentLogger)
  const filter = parseFilters(filters, crypto)
  await printWhole(formatNodeSet(filterNodes(await readNodeSet(file, crypto, complain), filter)))
  return 0
}

/** How many records have each key, in the order of keys. */
function countKeys(set: NodeSet): (readonly [string, number])[] {
  const counts = new Map<string, number>() // bounded: by the keys in a file's records
  for (const { node } of set.values()) {
    const keys = node.record?.entries.keys() ?? []
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

function infoText(size: number, counts: readonly (readonly [string, number])[]): string {
  const width = Math.max(0, ...counts.map(([key]) => key.length))
  const lines = counts.map(([key, count]) => ` ${shownKey(key).padStart(width)}: ${count}`)
  return [`Set contains ${size} nodes.`, 'ENR attribute counts:', ...lines].join('\n')
}

/** A key is up to the node that has it: what could steer a terminal is written out. */
function shownKey(key: string): string {
  return key.replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
