import { bucketIndex } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'
import { type ClosestIndex, createClosestIndex } from './closest-index.ts'
import { createPuppet, type Puppet, type PuppetIdentity, puppetIdentity } from './puppet.ts'
import type { SimulatedNode, Simulation } from './simulation.ts'

/** Where an attacker's IDs are: on one address, on all of one /24, or spread over 64 networks of that size. */
export type AttackerPlace = 'one-ip' | 'one-subnet' | '64-subnets'

export interface AttackOptions {
  readonly place: AttackerPlace
  /** IDs that the attacker has; 10,000 by default. */
  readonly ids?: number
  readonly seed?: number
  /** The attacker's IDs are ground so that they fill this node's buckets evenly, as far as trying 32 keys for each can. */
  readonly groundFor?: SimulatedNode
  /** Who is knocked at, asked for each round of knocks. All nodes by default. */
  readonly victims?: () => readonly SimulatedNode[]
  /** Pings that each victim gets in a second; 5 by default. */
  readonly knocksPerSecond?: number
}

/** An attacker at work. */
export interface Attack {
  readonly ids: number
  /** Whether the address is the attacker's. */
  isAttacker(ip: string): boolean
  /** Stops knocking. The IDs go on answering, as an attacker's would. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

const keysTriedPerId = 32
const bucketsOfTable = 17
const firstPort = 30_000
const neighborsInAll = 16

function addresses(place: AttackerPlace): string[] {
  const hosts = (subnet: number): string[] => Array.from({ length: 254 }, (_, host) => `90.0.${subnet}.${host + 1}`)
  if (place === 'one-ip') return ['90.0.0.1']
  if (place === 'one-subnet') return hosts(0)
  const subnets = Array.from({ length: 64 }, (_, subnet) => hosts(subnet))
  // Round the networks, so that few IDs are in all of them too.
  return Array.from({ length: 254 }, (_, host) => subnets.map((ips) => ips[host] as string)).flat()
}

/** IDs of random keys, or of those keys among many that fill the target's buckets evenly. */
function grind(simulation: Simulation, count: number, seed: number, target: Uint8Array | undefined): PuppetIdentity[] {
  const random = createSeededRandom(seed)
  const create = (): PuppetIdentity => {
    const privateKey = random.bytes(32)
    // Below the order of the curve, for real crypto.
    privateKey[0] = 1
    return puppetIdentity(privateKey, simulation.crypto)
  }
  if (target === undefined) return Array.from({ length: count }, create)
  const quota = Math.ceil(count / bucketsOfTable)
  const perBucket = new Array<number>(bucketsOfTable).fill(0)
  const chosen: PuppetIdentity[] = []
  const spare: PuppetIdentity[] = []
  for (let tried = 0; tried < count * keysTriedPerId && chosen.length < count; tried++) {
    const identity = create()
    const bucket = bucketIndex(target, identity.nodeId)
    if (perBucket[bucket]! < quota) {
      perBucket[bucket]!++
      chosen.push(identity)
    } else if (spare.length < count) {
      spare.push(identity)
    }
  }
  return [...chosen, ...spare].slice(0, count)
}

/**
 * Lets an attacker into a simulation: as many IDs as asked for, each of which answers pings, gives its record, and to
 * whoever asks for nodes names the attacker's own nearest to the target. It knocks at its victims, ID after ID, so that
 * they prove its endpoints and may take it into their tables.
 */
export async function createAttack(simulation: Simulation, options: AttackOptions): Promise<Attack> {
  const { place, ids = 10_000, seed = 1, groundFor, knocksPerSecond = 5 } = options
  const { clock, crypto } = simulation
  const victims = options.victims ?? (() => simulation.nodes())
  const ips = addresses(place)
  const own = new Set(ips)
  let index: ClosestIndex<Puppet> | undefined

  const neighbors = (target: Uint8Array) =>
    (index?.closest(crypto.keccak256(target), neighborsInAll) ?? []).map(({ endpoint: { ip, port }, publicKey }) => ({
      ip,
      udpPort: port,
      tcpPort: port,
      publicKey,
    }))

  const puppets = await Promise.all(
    grind(simulation, ids, seed, groundFor?.address.nodeId).map((identity, at) => {
      const endpoint = { ip: ips[at % ips.length]!, port: firstPort + Math.floor(at / ips.length) }
      return createPuppet(simulation, { identity, endpoint, neighbors })
    }),
  )
  index = createClosestIndex(puppets, ({ nodeId }) => nodeId)

  let isKnocking = false
  let turn = 0
  const knock = (): void => {
    if (!isKnocking) return
    for (const { endpoint } of victims()) puppets[turn++ % puppets.length]?.ping(endpoint)
    clock.setTimer(1000 / knocksPerSecond, knock)
  }
  const attack: Attack = {
    ids: puppets.length,
    isAttacker: (ip) => own.has(ip),
    pause() {
      isKnocking = false
    },
    resume() {
      if (isKnocking) return
      isKnocking = true
      knock()
    },
    async close() {
      attack.pause()
      await Promise.all(puppets.map((puppet) => puppet.close()))
    },
  }
  attack.resume()
  return attack
}
