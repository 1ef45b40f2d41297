import type { NodeAddress } from '@ethwire/enr'
import { type Random, randomInteger } from '@ethwire/io'
import { hexToBytes } from '@noble/hashes/utils.js'
import { contactOf, subnetOf } from './contact.ts'
import type { KnownNodes } from './known-nodes.ts'
import type { NodeRows } from './node-rows.ts'

export interface SeedOptions {
  /** How many at most; geth asks for 30. */
  readonly count: number
  /** How old a pong may be; geth's are up to 5 days old. */
  readonly maxAgeMs: number
}

export interface SeedSources {
  readonly rows: Pick<NodeRows, 'seek'>
  readonly known: Pick<KnownNodes, 'size' | 'ids' | 'get'>
  readonly random: Random
  readonly now: number
}

/** Reads for each node that is wanted, at most (geth). */
const seeksPerSeed = 5
const maxSeeks = 150
/** Reads that find what is left of a node that is not known any more; they are no place to look from. */
const maxLeftovers = 150

/** Of one subnet: an attacker's many nodes behind few addresses are not the network. */
const maxPerSubnet = 2

/** Random nodes that have answered at their address not long ago: looked up at random places, never by reading all. */
export async function pickSeeds(options: SeedOptions, sources: SeedSources): Promise<NodeAddress[]> {
  const { count, maxAgeMs } = options
  const { rows, known, now } = sources
  const seeds = new Map<string, NodeAddress>() // bounded: count
  const perSubnet = new Map<string, number>() // bounded: count
  const seen = new Set<string>() // bounded: maxSeeks
  let leftovers = 0

  const isSeed = (id: string, { host }: NodeAddress): boolean => {
    if (host === undefined) return false
    const contact = contactOf(known.get(id)?.contacts ?? [], host)
    if (contact === undefined || contact.lastPongMs === 0 || now - contact.lastPongMs > maxAgeMs) return false
    const subnet = subnetOf(host)
    if (subnet === undefined) return true
    const inSubnet = perSubnet.get(subnet) ?? 0
    if (inSubnet >= maxPerSubnet) return false
    perSubnet.set(subnet, inSubnet + 1)
    return true
  }

  const areFew = known.size <= count
  let places = areFew ? knownPlaces(sources) : randomPlaces(sources.random)
  const seeks = Math.min(seeksPerSeed * count, maxSeeks)
  for (let seek = 0; seek < seeks && leftovers < maxLeftovers && seeds.size < count; seek++) {
    const place = places.next()
    if (place.done) break
    // Behind the last one the first one comes.
    const found = (await rows.seek(place.value)) ?? (await rows.seek(new Uint8Array(32)))
    if (found === undefined) {
      if (known.size === 0) break
      continue
    }
    const { id, node } = found
    if (known.get(id) === undefined) {
      // There may be so many of them that random places are theirs: look where known nodes are.
      if (leftovers === 0 && !areFew) places = knownPlaces(sources)
      leftovers++
      seek--
      continue
    }
    if (seen.has(id)) continue
    seen.add(id)
    if (node !== undefined && isSeed(id, node)) seeds.set(id, node)
  }
  return [...seeds.values()]
}

/** Each known node's own, in random order. */
function* knownPlaces({ known, random }: SeedSources): Generator<Uint8Array, undefined> {
  const ids = [...known.ids()] // bounded: as the known nodes
  while (ids.length > 0) {
    const index = randomInteger(random, ids.length)
    const last = ids.pop() as string
    yield hexToBytes(index === ids.length ? last : (ids[index] as string))
    if (index < ids.length) ids[index] = last
  }
}

function* randomPlaces(random: Random): Generator<Uint8Array, undefined> {
  for (;;) yield random.bytes(32)
}
