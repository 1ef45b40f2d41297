import { type NodeAddress, nodeFromEnode } from '@ethwire/enr'
import { type AsyncQueue, createAsyncQueue, type Logger, silentLogger } from '@ethwire/io'
import { createSeededRandom, createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { afterEach, expect } from 'vitest'
import {
  createDialScheduler,
  type DialOutcome,
  type DialRefusal,
  type DialScheduler,
  type DialScheduler2018Options,
  type DialSchedulerOptions,
} from '../src/index.ts'

/** Node n. Without `host` it has no address. */
export function node(n: number, host?: string, tcpPort = 30303): NodeAddress {
  const publicKey = new Uint8Array(64)
  new DataView(publicKey.buffer).setUint32(0, n)
  return nodeFromEnode({ publicKey, ...(host !== undefined && { host }), tcpPort, udpPort: tcpPort })
}

/** The n of node n. */
export function numberOf({ publicKey }: NodeAddress): number {
  return new DataView(publicKey.buffer, publicKey.byteOffset).getUint32(0)
}

/** Where nodes are unless a test says otherwise: not in the local network. */
export const FAR = '8.8.8.8'

/** Nodes from `first` to `last`, each far away. */
export function nodes(first: number, last: number): NodeAddress[] {
  return Array.from({ length: last - first + 1 }, (_, index) => node(first + index, FAR))
}

/** The ID of node n. */
export const id = (n: number): string => node(n).nodeIdHex

/** A logger that keeps what it is told. */
export function keepingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const keep = (_: unknown, message: string): void => void lines.push(message)
  return { logger: { ...silentLogger, info: keep, warn: keep, error: keep }, lines }
}

/** A scheduler whose dials are held until the test says how they end. */
export interface Rig {
  readonly clock: VirtualClock
  readonly scheduler: DialScheduler
  /** What the source yields. */
  readonly found: AsyncQueue<NodeAddress>
  /** Dials since the last call, as `n@host`, sorted. */
  takeDials(): string[]
  /** Ends the dial of node n. A connected one becomes a peer. */
  end(n: number, outcome: DialOutcome): void
  /** Each refusal since the last call, as `n reason`. */
  takeRefusals(): string[]
  /** What looking up node n brings, from now on; and who was looked up. */
  readonly answers: Map<string, NodeAddress | undefined>
  readonly lookedUp: string[]
  /** What the source has in its table. */
  readonly table: NodeAddress[]
  /** Lookups of random keys that are under way, each to be ended with what it found. */
  readonly lookups: ((found: NodeAddress[]) => void)[]
  readonly active: number
}

const running: Rig[] = []

afterEach(async () => {
  for (const { clock, scheduler, found } of running.splice(0)) {
    found.end()
    await clock.runUntil(scheduler.close())
    expect(clock.timers).toBe(0)
  }
})

export type RigOptions = Partial<DialScheduler2018Options>

export function createRig(
  options: RigOptions = {},
  clock: VirtualClock = createVirtualClock(),
  create: (options: DialScheduler2018Options) => DialScheduler = createDialScheduler,
): Rig {
  const found = createAsyncQueue<NodeAddress>({ maxItems: 100_000 })
  const answers = new Map<string, NodeAddress | undefined>()
  const lookedUp: string[] = []
  const table: NodeAddress[] = []
  const lookups: ((found: NodeAddress[]) => void)[] = []
  const held = new Map<string, { resolve(outcome: DialOutcome): void; dialed: NodeAddress }>()
  const dials: string[] = []
  const refusals: string[] = []
  const scheduler = create({
    ...{ clock, random: createSeededRandom(1), self: id(0xffff_ffff), maxDialed: 50, redialJitter: 0 },
    sources: [
      {
        name: 'test',
        nodes: () => found,
        readRandomNodes: (count) => table.slice(0, count),
        lookup: () =>
          new Promise((resolve) => {
            lookups.push(resolve)
          }),
        async resolve({ nodeIdHex }) {
          lookedUp.push(nodeIdHex)
          return answers.get(nodeIdHex)
        },
      },
    ],
    dial: (address, { signal }) =>
      new Promise((resolve) => {
        dials.push(`${numberOf(address)}@${address.host}`)
        held.set(address.nodeIdHex, { resolve, dialed: address })
        signal.addEventListener('abort', () => held.delete(address.nodeIdHex))
      }),
    onRefused: (address: NodeAddress, reason: DialRefusal) => refusals.push(`${numberOf(address)} ${reason}`),
    ...options,
  })
  const rig: Rig = {
    ...{ clock, scheduler, found, answers, lookedUp, table, lookups },
    takeDials: () => dials.splice(0).sort(),
    takeRefusals: () => refusals.splice(0),
    end(n, outcome) {
      const dial = held.get(id(n))
      if (dial === undefined) throw new Error(`node ${n} is not being dialled`)
      held.delete(id(n))
      if (outcome === 'connected') scheduler.peerAdded({ nodeIdHex: id(n), dialed: true })
      dial.resolve(outcome)
    },
    get active() {
      return held.size
    },
  }
  running.push(rig)
  return rig
}

/** One round: what happens, and which dials begin. */
export interface Round {
  /** Peers that come, dialled by this side or not. */
  readonly dialed?: number[]
  readonly inbound?: number[]
  readonly removed?: { dialed?: number[]; inbound?: number[] }
  readonly update?: (scheduler: DialScheduler) => void
  readonly discovered?: NodeAddress[]
  readonly succeeded?: number[]
  readonly failed?: number[]
  /** What looking up a node brings; lookups of others fail the test. */
  readonly resolves?: readonly (readonly [number, NodeAddress | undefined])[]
  /** `n@host`, or only n where that is far away. */
  readonly dials?: (number | string)[]
}

const ROUND_MS = 16_000

/** Runs rounds of 16 s, as geth's own tests of its dialler do. */
export async function runRounds(options: Partial<DialSchedulerOptions>, rounds: readonly Round[]): Promise<Rig> {
  const rig = createRig(options)
  const { clock, scheduler, found } = rig
  for (const [index, round] of rounds.entries()) {
    for (const n of round.dialed ?? []) scheduler.peerAdded({ nodeIdHex: id(n), dialed: true })
    for (const n of round.inbound ?? []) scheduler.peerAdded({ nodeIdHex: id(n), dialed: false })
    for (const n of round.removed?.dialed ?? []) scheduler.peerRemoved({ nodeIdHex: id(n), dialed: true })
    for (const n of round.removed?.inbound ?? []) scheduler.peerRemoved({ nodeIdHex: id(n), dialed: false })
    rig.answers.clear()
    rig.lookedUp.splice(0)
    for (const [n, address] of round.resolves ?? []) rig.answers.set(id(n), address)
    round.update?.(scheduler)
    for (const address of round.discovered ?? []) found.push(address)
    for (const n of round.succeeded ?? []) rig.end(n, 'connected')
    for (const n of round.failed ?? []) rig.end(n, 'unreachable')
    await clock.settle()
    const wanted = (round.dials ?? []).map((dial) => (typeof dial === 'number' ? `${dial}@${FAR}` : dial))
    expect(rig.takeDials(), `dials of round ${index}`).toEqual(wanted.sort())
    for (const nodeId of rig.lookedUp) expect([...rig.answers.keys()], `round ${index}`).toContain(nodeId)
    await clock.advance(ROUND_MS)
  }
  return rig
}
