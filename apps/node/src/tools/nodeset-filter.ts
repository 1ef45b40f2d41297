import { createForkFilter, genesisBlock, hoodi, mainnet, sepolia } from '@ethwire/chain'
import type { Crypto } from '@ethwire/crypto'
import { defineEntry, tcp6Entry, tcpEntry } from '@ethwire/enr'
import { ethEntry } from '@ethwire/eth-peer'
import { parseIp, parseNetlist } from '@ethwire/netutil'
import { u16 } from '@ethwire/rlp-codec'
import { NodeError, reasonOf } from '../errors.ts'
import { parseGoDuration } from '../go-duration.ts'
import type { NodeSet, NodeSetEntry } from '../node-set.ts'

type Filter = (entry: NodeSetEntry) => boolean

/** What of a node set to keep. */
export interface NodesetFilter {
  readonly accepts: Filter
  /** So many of the highest score. */
  readonly limit: number | undefined
}

/** Makes a filter of its argument. @throws TypeError for one that is no such argument */
type MakeFilter = (argument: string, crypto: Crypto) => Filter

const withArgument: Readonly<Record<string, MakeFilter>> = {
  ip: ipFilter,
  'min-age': minAgeFilter,
  'eth-network': ethNetworkFilter,
}

const withoutArgument: Readonly<Record<string, Filter>> = {
  snap: hasList('snap'),
  'les-server': hasList('les'),
  dialable: isDialable,
}

/**
 * Reads filters as geth's `devp2p nodeset filter` does: `-ip 10.0.0.0/8 -snap -limit 10`, with one dash or two. A node has
 * to pass all of them; the last limit counts.
 * @throws NodeError `NODE_USAGE` with the filter
 */
export function parseFilters(args: readonly string[], crypto: Crypto): NodesetFilter {
  const filters: Filter[] = []
  let limit: number | undefined
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name = '', given] = /^--?([a-z-]+)(?:=(.*))?$/.exec(arg) ?? []
    const plain = withoutArgument[name]
    if (plain !== undefined && Object.hasOwn(withoutArgument, name)) {
      if (given !== undefined) throw new NodeError('NODE_USAGE', `the filter -${name} takes no argument`)
      filters.push(plain)
      continue
    }
    if (name !== 'limit' && !Object.hasOwn(withArgument, name)) throw unknownFilter(arg)
    const argument = given ?? rest.shift()
    if (argument === undefined) throw new NodeError('NODE_USAGE', `the filter -${name} needs an argument`)
    try {
      if (name === 'limit') limit = parseLimit(argument)
      else filters.push((withArgument[name] as MakeFilter)(argument, crypto))
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new NodeError('NODE_USAGE', `-${name}: ${reasonOf(error)}`, { cause: error })
    }
  }
  return { accepts: (entry) => filters.every((filter) => filter(entry)), limit }
}

/** The nodes that pass; where more do than the limit lets, those of the highest score. */
export function filterNodes(set: NodeSet, { accepts, limit }: NodesetFilter): NodeSet {
  const kept = [...set].filter(([, entry]) => accepts(entry))
  if (limit === undefined || limit >= kept.length) return new Map(kept)
  return new Map(kept.sort(([, a], [, b]) => b.score - a.score).slice(0, limit))
}

function unknownFilter(arg: string): NodeError {
  const known = [...Object.keys(withArgument), ...Object.keys(withoutArgument), 'limit'].sort()
  const list = known.map((name) => `-${name}`).join(', ')
  return new NodeError('NODE_USAGE', `there is no filter ${JSON.stringify(arg.slice(0, 64))}; the filters are ${list}`)
}

function parseLimit(text: string): number | undefined {
  if (/^-\d{1,9}$/.test(text)) return undefined
  if (!/^\+?\d{1,9}$/.test(text)) throw new TypeError('expected a number of nodes')
  return Number(text)
}

function ipFilter(text: string): Filter {
  const network = parseNetlist(text)
  if (!text.includes('/') || network.networks.length !== 1) throw new TypeError('expected a network such as 10.0.0.0/8')
  return ({ node: { host } }) => {
    const ip = host === undefined ? undefined : parseIp(host)
    return ip !== undefined && network.contains(ip)
  }
}

/** The time that is none in Go, which a node has that has never answered. */
const zeroTimeMs = Date.parse('0001-01-01T00:00:00Z')

function minAgeFilter(text: string): Filter {
  const minAgeMs = parseGoDuration(text)
  if (minAgeMs === undefined) throw new TypeError('expected a span of time such as 24h or 1h30m')
  return ({ firstResponseMs = zeroTimeMs, lastResponseMs = zeroTimeMs }) => lastResponseMs - firstResponseMs >= minAgeMs
}

const networks = { mainnet, sepolia, hoodi }

function ethNetworkFilter(text: string, crypto: Crypto): Filter {
  if (!Object.hasOwn(networks, text)) throw new TypeError('expected mainnet, sepolia or hoodi')
  const { config, genesis } = networks[text as keyof typeof networks]
  // At the genesis every node of the network is ahead, none is stale (geth's static filter).
  const judge = createForkFilter(config, genesisBlock(genesis, crypto), () => ({ number: 0n, timestamp: 0n }))
  return ({ node: { record } }) => {
    const forkId = record?.get(ethEntry)
    return forkId !== undefined && judge(forkId) === 'compatible'
  }
}

/** Whether a record has an entry that is a list, whatever is in it. */
function hasList(key: string): Filter {
  return ({ node: { record } }) => (record?.entries.get(key)?.[0] ?? 0) >= 0xc0
}

const quicEntry = defineEntry('quic', u16)
const quic6Entry = defineEntry('quic6', u16)

function isDialable({ node: { record, tcpPort } }: NodeSetEntry): boolean {
  if (record === undefined) return tcpPort !== 0
  return [tcpEntry, tcp6Entry, quicEntry, quic6Entry].some((entry) => (record.get(entry) ?? 0) !== 0)
}
