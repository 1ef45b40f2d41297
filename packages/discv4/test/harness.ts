import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, nodeFromEnode } from '@ethwire/enr'
import type { Counter, Datagram, DatagramSocket, Gauge, Histogram, Metrics, SocketEndpoint } from '@ethwire/io'
import {
  createMemoryDatagramNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryDatagramNetwork,
  type MemoryDatagramNetworkOptions,
  type VirtualClock,
} from '@ethwire/testing'
import { onTestFinished } from 'vitest'
import { createDiscv4, type Discv4, type Discv4Options } from '../src/index.ts'
import { type DecodedPacket, decodePacket, encodePacket, type Packet, type PacketNode } from '../src/packet.ts'
import { standInCrypto } from './stand-in-crypto.ts'

/** A private key that belongs to a number. */
export function keyOf(number: number): Uint8Array {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(28, number + 1)
  return key
}

/** Counters and gauges that can be read. */
export interface ReadableMetrics extends Metrics {
  readonly values: ReadonlyMap<string, number>
  value(name: string): number
}

export function readableMetrics(): ReadableMetrics {
  const values = new Map<string, number>()
  return {
    values,
    value: (name) => values.get(name) ?? 0,
    counter: (name): Counter => ({ add: (amount = 1) => void values.set(name, (values.get(name) ?? 0) + amount) }),
    gauge: (name): Gauge => ({ set: (value) => void values.set(name, value) }),
    histogram: (): Histogram => ({ observe: () => undefined }),
  }
}

/** Virtual time and a network in memory. */
export interface World {
  readonly clock: VirtualClock
  readonly network: MemoryDatagramNetwork
  readonly crypto: Crypto
  /** An engine at an address, closed when the test ends. */
  node(number: number, ip: string, options?: Partial<Discv4Options>): Promise<TestNode>
  /** Somebody who sends what a test wants and answers nothing by itself. */
  stranger(number: number, ip: string, port?: number): Promise<Stranger>
}

export interface TestNode extends Discv4 {
  readonly metrics: ReadableMetrics
  readonly nodeAddress: NodeAddress
}

export function createWorld(
  options: Omit<MemoryDatagramNetworkOptions, 'clock'> & {
    readonly clock?: VirtualClock
    readonly crypto?: Crypto
    readonly seed?: number
  } = {},
): World {
  const { crypto = standInCrypto, seed = 1, clock = createVirtualClock(), ...networkOptions } = options
  const network = createMemoryDatagramNetwork({ clock, random: createSeededRandom(seed), ...networkOptions })
  return {
    clock,
    network,
    crypto,
    async node(number, ip, nodeOptions = {}) {
      const metrics = readableMetrics()
      const discovery = await createDiscv4({
        privateKey: keyOf(number),
        listen: { host: ip, port: 30303 },
        bind: network.bind,
        crypto,
        clock,
        random: createSeededRandom(seed * 1_000_003 + number),
        resolver: { addresses: () => Promise.reject(new Error('no names here')), texts: () => Promise.resolve([]) },
        metrics,
        ...nodeOptions,
      })
      onTestFinished(() => discovery.close())
      return Object.assign(discovery, { metrics, nodeAddress: addressOf(number, discovery.local, crypto) })
    },
    async stranger(number, ip, port = 30303) {
      const socket = await network.bind({ ip, port })
      onTestFinished(() => socket.close())
      return createStranger(number, socket, clock, crypto)
    },
  }
}

export function addressOf(number: number, at: SocketEndpoint, crypto: Crypto = standInCrypto): NodeAddress {
  const publicKey = crypto.publicKey(keyOf(number))
  return nodeFromEnode({ publicKey, host: at.ip, tcpPort: at.port, udpPort: at.port }, { crypto })
}

/** A packet that reached a stranger. */
interface Received extends DecodedPacket {
  readonly from: SocketEndpoint
  readonly bytes: Uint8Array
}

/** Fields of a packet without those that nearly all have alike. */
export type Draft =
  | { readonly type: 'ping'; readonly expiration?: number; readonly enrSeq?: bigint; readonly to?: SocketEndpoint }
  | { readonly type: 'pong'; readonly pingHash: Uint8Array; readonly expiration?: number; readonly enrSeq?: bigint }
  | { readonly type: 'findnode'; readonly target?: Uint8Array; readonly expiration?: number }
  | { readonly type: 'neighbors'; readonly nodes: readonly PacketNode[]; readonly expiration?: number }
  | { readonly type: 'enrRequest'; readonly expiration?: number }
  | { readonly type: 'enrResponse'; readonly requestHash: Uint8Array; readonly record: Uint8Array }

export interface Stranger {
  readonly address: NodeAddress
  readonly publicKey: Uint8Array
  readonly socket: DatagramSocket
  /** All that has come, the oldest first. */
  readonly received: Received[]
  readonly receivedBytes: number
  readonly sentBytes: number
  /** Those of one type that have come. */
  got(type: Packet['type']): Received[]
  /** Signs and sends; the hash comes back. */
  send(draft: Draft, to: SocketEndpoint): Uint8Array
  sendBytes(bytes: Uint8Array, to: SocketEndpoint): void
  /** Forgets what has come. */
  forget(): void
  /** Called with each packet that comes. */
  onPacket: ((packet: Received) => void) | undefined
  /** Pings, and answers the pings that come back: afterwards each has the other's proof. */
  bond(to: SocketEndpoint): Promise<void>
  /** Answers pings from now on. */
  answerPings(enrSeq?: bigint): void
  /** Answers packets of a type from now on, besides what it answers already. */
  answer(type: Packet['type'], reply: (packet: Received) => void): void
}

export function encodeDraft(draft: Draft, from: SocketEndpoint, to: SocketEndpoint, nowMs: number): Packet {
  const expiration =
    'expiration' in draft && draft.expiration !== undefined ? draft.expiration : Math.ceil(nowMs / 1000) + 20
  const here = { ip: from.ip, udpPort: from.port, tcpPort: from.port }
  switch (draft.type) {
    case 'ping': {
      const there = draft.to ?? to
      const told = { ip: there.ip, udpPort: there.port, tcpPort: 0 }
      return { type: 'ping', version: 4, from: here, to: told, expiration, enrSeq: draft.enrSeq }
    }
    case 'pong':
      return { ...draft, to: { ip: to.ip, udpPort: to.port, tcpPort: 0 }, expiration }
    case 'findnode':
      return { type: 'findnode', target: draft.target ?? new Uint8Array(64).fill(7), expiration }
    case 'neighbors':
      return { type: 'neighbors', nodes: draft.nodes, expiration }
    case 'enrRequest':
      return { type: 'enrRequest', expiration }
    case 'enrResponse':
      return draft
  }
}

function createStranger(number: number, socket: DatagramSocket, clock: VirtualClock, crypto: Crypto): Stranger {
  const privateKey = keyOf(number)
  const received: Received[] = []
  let receivedBytes = 0
  let sentBytes = 0
  const stranger: Stranger = {
    address: addressOf(number, socket.local, crypto),
    publicKey: crypto.publicKey(privateKey),
    socket,
    received,
    get receivedBytes() {
      return receivedBytes
    },
    get sentBytes() {
      return sentBytes
    },
    got: (type) => received.filter(({ packet }) => packet.type === type),
    send(draft, to) {
      const packet = encodeDraft(draft, socket.local, to, clock.now())
      const { bytes, hash } = encodePacket(packet, { privateKey, crypto })
      stranger.sendBytes(bytes, to)
      return hash
    },
    sendBytes(bytes, to) {
      sentBytes += bytes.length
      void socket.send(bytes, to)
    },
    forget: () => void received.splice(0),
    onPacket: undefined,
    async bond(to) {
      stranger.answerPings()
      stranger.send({ type: 'ping' }, to)
      await clock.advance(400)
    },
    answerPings(enrSeq) {
      stranger.onPacket = ({ packet, hash, from }) => {
        if (packet.type === 'ping') {
          stranger.send({ type: 'pong', pingHash: hash, ...(enrSeq === undefined ? {} : { enrSeq }) }, from)
        }
      }
    },
    answer(type, reply) {
      const before = stranger.onPacket
      stranger.onPacket = (packet) => {
        before?.(packet)
        if (packet.packet.type === type) reply(packet)
      }
    },
  }
  const take = ({ bytes, from }: Datagram): void => {
    receivedBytes += bytes.length
    const packet = { ...decodePacket(bytes, { crypto }), from, bytes }
    received.push(packet)
    stranger.onPacket?.(packet)
  }
  const read = async (): Promise<void> => {
    for await (const datagram of socket) take(datagram)
  }
  void read()
  return stranger
}
