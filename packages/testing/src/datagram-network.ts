import type { BindDatagram, Clock, Datagram, Random, SocketEndpoint } from '@ethwire/io'
import { type DatagramFaults, faultChances } from './datagram-faults.ts'
import { createHostStation, type HostStation, type MemoryDatagramHost, type Uplink } from './datagram-host.ts'
import { createNatStation, type MemoryNat, type MemoryNatOptions, type NatStation } from './datagram-nat.ts'
import type { DatagramDrop, Station, Transmit } from './datagram-station.ts'
import { createRandomDraws } from './random-draws.ts'
import { createSeededRandom } from './seeded-random.ts'

export interface MemoryDatagramNetworkOptions extends DatagramFaults {
  /** What latency is measured by; a virtual clock, as a rule. */
  clock: Clock
  /** Decides who is lost, doubled, late. It is read in blocks: give the network one of its own. Seed 0 by default. */
  random?: Random
  /** Packets that a socket keeps for its reader; those beyond are dropped. 512 by default. */
  maxWaiting?: number
  /** Whether packets are copied when sent; true by default. Without, senders must not change what they have sent. */
  copyBytes?: boolean
  /** Packets under way at once; those beyond are dropped. 2^20 by default. */
  maxInFlight?: number
}

/** What has become of all packets of a network. A packet that came twice counts twice as delivered. */
export interface DatagramCounters {
  readonly sentPackets: number
  readonly sentBytes: number
  readonly deliveredPackets: number
  readonly deliveredBytes: number
  readonly duplicated: number
  readonly reordered: number
  readonly dropped: Readonly<Record<DatagramDrop, number>>
}

/** A network of hosts that send each other datagrams, in memory. */
export interface MemoryDatagramNetwork {
  /** Binds a socket on the host of that address. */
  readonly bind: BindDatagram
  /** The host of that address, made at its first mention. */
  host(ip: string): MemoryDatagramHost
  /** Puts a NAT at an address that nobody has yet. */
  nat(options: MemoryNatOptions): MemoryNat
  /** Changes what happens to packets that are sent from now on; what is not mentioned stays as it is. */
  setFaults(faults: DatagramFaults): void
  /**
   * From now on only hosts for which `groupOf` gives the same value hear each other; those to come are asked for, too.
   * Packets under way arrive. Hosts behind a NAT are where the NAT is.
   */
  partition(groupOf: (ip: string) => unknown): void
  /** Ends the partition. */
  heal(): void
  readonly counters: DatagramCounters
  /** Packets under way. */
  readonly inFlight: number
}

/** Packets that arrive in the same millisecond: receiver, port and packet of each in turn, which saves an object each. */
type Arrivals = (Station | number | Datagram)[]

/** A number from two stations that is the same in both directions and spread over `[0, 1)`. */
function pathFraction(a: number, b: number, salt: number): number {
  let mixed = Math.imul(Math.min(a, b) + 1, 0x9e3779b1) ^ Math.imul(Math.max(a, b) + 1, 0x85ebca77) ^ salt
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
}

/**
 * Makes a network of datagrams without sockets. Packets arrive in whole milliseconds of the clock, those of one
 * millisecond by one timer, so that large simulations are cheap; without latency they arrive at once.
 *
 * @example
 * import { createMemoryDatagramNetwork, createSeededRandom, createVirtualClock } from '@ethwire/testing'
 *
 * const clock = createVirtualClock()
 * const random = createSeededRandom(1)
 * const network = createMemoryDatagramNetwork({ clock, random, latencyMs: [20, 120], lossPercent: 5 })
 * const alice = await network.bind({ ip: '10.0.0.1', port: 30303 })
 * const bob = await network.nat({ ip: '10.0.0.2', kind: 'symmetric' }).host('192.168.0.2').bind({ ip: '0.0.0.0', port: 0 })
 * for (let sent = 0; sent < 100; sent++) await bob.send(Uint8Array.of(sent), alice.local)
 * await clock.advance(120)
 * for await (const { from } of alice) {
 *   console.log(`${network.counters.deliveredPackets} of 100 packets came, from ${from.ip}`)
 *   break
 * }
 */
export function createMemoryDatagramNetwork(options: MemoryDatagramNetworkOptions): MemoryDatagramNetwork {
  const { clock, random = createSeededRandom(0), maxWaiting = 512, maxInFlight = 2 ** 20, copyBytes = true } = options
  const draws = createRandomDraws(random)
  const salt = draws.next()
  let faults: DatagramFaults = options
  let chances = faultChances(faults)
  let groupOf: ((ip: string) => unknown) | undefined
  // bounded: the hosts of one test or simulation
  const stations = new Map<string, HostStation | NatStation>()
  let stationCount = 0
  // By the millisecond in which they arrive. bounded: maxInFlight packets
  const arrivals = new Map<number, Arrivals>()
  let inFlight = 0

  const dropped: Record<DatagramDrop, number> = {
    loss: 0,
    partition: 0,
    unreachable: 0,
    nat: 0,
    'queue-full': 0,
    'in-flight-full': 0,
  }
  const counters = {
    sentPackets: 0,
    sentBytes: 0,
    deliveredPackets: 0,
    deliveredBytes: 0,
    duplicated: 0,
    reordered: 0,
    dropped,
  }

  const arrive = (station: Station, port: number, datagram: Datagram): void => {
    const drop = station.receive(port, datagram)
    if (drop === undefined) {
      counters.deliveredPackets++
      counters.deliveredBytes += datagram.bytes.length
    } else {
      dropped[drop]++
    }
  }

  const arriveTogether = (timeMs: number): void => {
    const batch = arrivals.get(timeMs)
    if (batch === undefined) return
    arrivals.delete(timeMs)
    inFlight -= batch.length / 3
    for (let index = 0; index < batch.length; index += 3) {
      arrive(batch[index] as Station, batch[index + 1] as number, batch[index + 2] as Datagram)
    }
  }

  const deliver = (station: Station, port: number, datagram: Datagram, delayMs: number): void => {
    if (delayMs <= 0) {
      // Not within send(): no real network answers before the sender has gone on.
      queueMicrotask(() => arrive(station, port, datagram))
      return
    }
    if (inFlight >= maxInFlight) {
      dropped['in-flight-full']++
      return
    }
    inFlight++
    const nowMs = clock.monotonicMs()
    const timeMs = Math.ceil(nowMs + delayMs)
    const batch = arrivals.get(timeMs)
    if (batch !== undefined) {
      batch.push(station, port, datagram)
      return
    }
    arrivals.set(timeMs, [station, port, datagram])
    clock.setTimer(timeMs - nowMs, () => arriveTogether(timeMs))
  }

  const transmit: Transmit = (source, from, to, port, bytes) => {
    counters.sentPackets++
    counters.sentBytes += bytes.length
    if (to === undefined) {
      dropped.unreachable++
      return
    }
    if (source.group !== to.group) {
      dropped.partition++
      return
    }
    const { leastMs, spreadMs, loss, duplicate, reorder, reorderMs } = chances
    if (loss > 0 && draws.next() < loss) {
      dropped.loss++
      return
    }
    let delayMs = spreadMs > 0 ? leastMs + spreadMs * pathFraction(source.number, to.number, salt) : leastMs
    if (reorder > 0 && draws.next() < reorder) {
      counters.reordered++
      delayMs += draws.fraction() * reorderMs
    }
    deliver(to, port, { bytes, from }, delayMs)
    if (duplicate > 0 && draws.next() < duplicate) {
      counters.duplicated++
      deliver(to, port, { bytes: bytes.slice(), from }, delayMs + draws.fraction() * reorderMs)
    }
  }

  const createHost = (ip: string, uplink: (host: Station) => Uplink): HostStation =>
    createHostStation({ ip, number: stationCount++, maxWaiting, copyBytes, uplink })

  const settle = <S extends HostStation | NatStation>(station: S): S => {
    station.group = groupOf?.(station.ip)
    stations.set(station.ip, station)
    return station
  }

  const straight =
    (source: Station): Uplink =>
    (local, bytes, to) =>
      transmit(source, local, stations.get(to.ip), to.port, bytes)

  const host = (ip: string): MemoryDatagramHost => {
    const station = stations.get(ip) ?? settle(createHost(ip, straight))
    if (!('bind' in station)) throw new TypeError(`${ip} is a NAT; hosts behind it come from its own host()`)
    return station
  }

  const regroup = (): void => {
    for (const station of stations.values()) station.group = groupOf?.(station.ip)
  }

  return {
    host,
    bind: async (endpoint: SocketEndpoint) => host(endpoint.ip).bind(endpoint),
    nat(natOptions) {
      const { ip } = natOptions
      if (stations.has(ip)) throw new TypeError(`${ip} is in use`)
      const number = stationCount++
      const stationAt = (address: string): Station | undefined => stations.get(address)
      return settle(createNatStation(natOptions, { number, clock, transmit, stationAt, createHost }))
    },
    setFaults(changed) {
      const next = { ...faults, ...changed }
      chances = faultChances(next)
      faults = next
    },
    partition(groups) {
      groupOf = groups
      regroup()
    },
    heal() {
      groupOf = undefined
      regroup()
    },
    counters,
    get inFlight() {
      return inFlight
    },
  }
}
