import type { Crypto } from '@ethwire/crypto'
import { createDiscv4, createIdentities, type Discv4, type NodeDatabase } from '@ethwire/discv4'
import { type NodeAddress, nodeFromEnode } from '@ethwire/enr'
import { type Clock, type Logger, noMetrics, type Random, type SocketEndpoint, silentLogger } from '@ethwire/io'
import type { TablePolicy, TablePolicyName } from '@ethwire/kbucket'
import {
  createMemoryDatagramNetwork,
  createSeededRandom,
  createSimulationClock,
  type DatagramFaults,
  type DatagramTraffic,
  type MemoryDatagramNetwork,
  type VirtualClock,
} from '@ethwire/testing'
import { populate } from './population.ts'
import { standInCrypto } from './stand-in-crypto.ts'

const minuteMs = 60_000
const port = 30303

/** What happens to packets is what a `MemoryDatagramNetwork` can do to them. */
export interface SimulationOptions extends DatagramFaults {
  /** Everything follows from it: the same seed is the same run. */
  readonly seed: number
  /** Nodes alive at once, when all have joined. */
  readonly nodes: number
  /** The first so many nodes, which all others are told and which never die; 1 by default. */
  readonly bootnodes?: number
  /** The others join evenly spread over this time; 1 by default. */
  readonly joinMinutes?: number
  /** After this time half of the nodes of one moment are gone, each followed by a new one. By default nobody dies. */
  readonly medianLifeMinutes?: number
  /** How tables keep themselves true; `geth-2026` by default. */
  readonly policy?: TablePolicyName | TablePolicy
  /** {@link standInCrypto} by default, which makes thousands of nodes possible; any real one will do as well. */
  readonly crypto?: Crypto
  /** Whether nodes put into their records where others see them; false by default, since they know where they are. */
  readonly predictEndpoint?: boolean
  /** Makes what the node with this index is to remember over restarts; nobody remembers anything by default. */
  readonly nodeDatabase?: (
    index: number,
    parts: { readonly clock: Clock; readonly random: Random; readonly crypto: Crypto },
  ) => NodeDatabase | Promise<NodeDatabase> | undefined
}

/** One node of a simulation. */
export interface SimulatedNode {
  /** Counts all that ever were. */
  readonly index: number
  readonly address: NodeAddress
  readonly endpoint: SocketEndpoint
  /** Monotonic time of its start, or of its last restart. */
  readonly startedAtMs: number
  /** What its host has sent and received. */
  readonly traffic: DatagramTraffic
  /** Its discovery; `undefined` while it starts and when it is down. */
  readonly discv4: Discv4 | undefined
  readonly isRunning: boolean
}

/** A network of nodes in virtual time. */
export interface Simulation {
  readonly clock: VirtualClock
  readonly network: MemoryDatagramNetwork
  readonly random: Random
  readonly crypto: Crypto
  /** Those that run, in the order in which they came. */
  nodes(): SimulatedNode[]
  /** The running node with this ID. */
  node(nodeIdHex: string): SimulatedNode | undefined
  /** Moves time on. @throws the first error that a node met or logged */
  run(time: { readonly minutes?: number; readonly seconds?: number }): Promise<void>
  /** Running nodes that can be found from the oldest by following tables, itself included. */
  reachable(): number
  /** Ends a node as a crash does: nobody is told. */
  stop(node: SimulatedNode): void
  /** Starts a node again with the same key, address and database; it waits for that to be done. */
  restart(node: SimulatedNode): Promise<void>
  /** Ends all nodes. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Addresses in networks of their own, so that limits by subnet meet nobody honest: 32.0.0.1, 32.0.1.1, … */
function hostIp(index: number): string {
  return `${32 + (index >>> 16)}.${(index >>> 8) & 255}.${index & 255}.1`
}

/** A node as the simulation has it. */
interface Member extends SimulatedNode {
  startedAtMs: number
  discv4: Discv4 | undefined
  isRunning: boolean
  readonly privateKey: Uint8Array
  readonly random: Random
  readonly database: NodeDatabase | Promise<NodeDatabase> | undefined
}

/**
 * Makes a network of discovery v4 nodes in one process: real packets, no sockets, no waiting, the same every time.
 *
 * @throws RangeError for options that make no sense
 *
 * @example
 * import { createSimulation } from '@ethwire/simulation'
 *
 * const net = createSimulation({ seed: 42, nodes: 30, latencyMs: [20, 120], lossPercent: 2 })
 * await net.run({ minutes: 5 })
 * console.log(net.reachable()) // 30
 * await net.close()
 */
export function createSimulation(options: SimulationOptions): Simulation {
  const { seed, bootnodes = 1, joinMinutes = 1, medianLifeMinutes, policy, crypto = standInCrypto } = options
  const { predictEndpoint = false } = options
  if (!Number.isInteger(options.nodes) || options.nodes < bootnodes || bootnodes < 1) {
    throw new RangeError(`expected at least as many nodes as bootnodes, and one of each; got ${options.nodes}`)
  }
  const clock = createSimulationClock()
  const random = createSeededRandom(seed)
  const seedOf = (index: number): number => seed * 1_000_003 + index
  const network = createMemoryDatagramNetwork({
    ...options,
    clock,
    random: createSeededRandom(seedOf(-1)),
    copyBytes: false,
  })
  const identities = createIdentities({ crypto, maxKeys: 2 ** 20 })
  // bounded: the nodes that run, and those that were stopped by `stop`
  const running = new Map<string, Member>()
  const bootnodeAddresses: NodeAddress[] = [] // bounded: bootnodes
  let failure: { readonly error: unknown } | undefined

  const fail = (error: unknown): void => {
    failure ??= { error }
  }

  // What a node calls an error is a fault of ours: nothing that others send is one.
  const logger: Logger = { ...silentLogger, error: ({ err }, message) => fail(err ?? new Error(message)) }

  const createMember = (index: number): Member => {
    const own = createSeededRandom(seedOf(index))
    const privateKey = own.bytes(32)
    privateKey[0] = 1
    const publicKey = crypto.publicKey(privateKey)
    const endpoint = { ip: hostIp(index), port }
    return {
      index,
      privateKey,
      random: own,
      address: nodeFromEnode({ publicKey, host: endpoint.ip, tcpPort: port, udpPort: port }, { crypto }),
      endpoint,
      startedAtMs: clock.monotonicMs(),
      traffic: network.host(endpoint.ip).traffic,
      discv4: undefined,
      isRunning: false,
      database: options.nodeDatabase?.(index, { clock, random: own, crypto }),
    }
  }

  const start = async (member: Member): Promise<void> => {
    member.isRunning = true
    member.startedAtMs = clock.monotonicMs()
    running.set(member.address.nodeIdHex, member)
    const discv4 = await createDiscv4({
      privateKey: member.privateKey,
      bootnodes: bootnodeAddresses.filter(({ nodeIdHex }) => nodeIdHex !== member.address.nodeIdHex),
      bind: network.host(member.endpoint.ip).bind,
      listen: { host: member.endpoint.ip, port },
      crypto,
      clock,
      random: member.random,
      logger,
      metrics: noMetrics,
      identities,
      historyNodes: 0,
      predictEndpoint,
      ...(policy === undefined ? {} : { policy }),
      ...(member.database === undefined ? {} : { nodeDatabase: member.database }),
    })
    if (member.isRunning) member.discv4 = discv4
    else await discv4.close()
  }

  const stop = (member: Member): void => {
    member.isRunning = false
    running.delete(member.address.nodeIdHex)
    member.discv4?.close().catch(fail)
    member.discv4 = undefined
  }

  const members = (): Member[] => [...running.values()]

  const own = (node: SimulatedNode): Member => node as Member

  const stopPopulating = populate({
    nodes: options.nodes,
    founders: bootnodes,
    joinMs: joinMinutes * minuteMs,
    medianLifeMs: medianLifeMinutes === undefined ? undefined : medianLifeMinutes * minuteMs,
    clock,
    random,
    born(index) {
      const member = createMember(index)
      if (index < bootnodes) bootnodeAddresses.push(member.address)
      start(member).catch(fail)
      return { died: () => stop(member) }
    },
  })

  const run = async (time: { readonly minutes?: number; readonly seconds?: number }): Promise<void> => {
    await clock.advance(((time.minutes ?? 0) * 60 + (time.seconds ?? 0)) * 1000)
    if (failure !== undefined) throw failure.error
  }

  const simulation: Simulation = {
    clock,
    network,
    random,
    crypto,
    nodes: members,
    node: (nodeIdHex) => running.get(nodeIdHex),
    run,
    reachable() {
      const [first] = members().toSorted((a, b) => a.index - b.index)
      if (first === undefined) return 0
      const found = new Set([first])
      for (const member of found) {
        for (const { nodes } of member.discv4?.table() ?? []) {
          for (const { entry } of nodes) {
            const other = running.get(entry.nodeIdHex)
            if (other !== undefined) found.add(other)
          }
        }
      }
      return found.size
    },
    stop: (node) => stop(own(node)),
    restart: (node) => clock.runUntil(start(own(node))),
    async close() {
      stopPopulating()
      const closing = members().map((member) => {
        // One that is still starting closes when it has.
        member.isRunning = false
        return member.discv4?.close()
      })
      running.clear()
      await clock.runUntil(Promise.all(closing))
    },
    [Symbol.asyncDispose]: () => simulation.close(),
  }
  return simulation
}
