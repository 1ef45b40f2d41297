import type { Crypto } from '@ethwire/crypto'
import { encodePacket, inspectPacket, type Packet, type PacketEndpoint, type PacketNode } from '@ethwire/discv4/packet'
import { ipEntry, nodeIdFromPublicKey, signRecord, tcpEntry, udpEntry } from '@ethwire/enr'
import type { BindDatagram, Clock, SocketEndpoint } from '@ethwire/io'

const expirySeconds = 20
/** The nodes that fit into one packet. */
const neighborsPerPacket = 12

/** What a puppet needs of the simulation it is put into. */
export interface PuppetStage {
  readonly clock: Clock
  readonly crypto: Crypto
  readonly network: { readonly bind: BindDatagram }
}

/** A key, and what follows from it. */
export interface PuppetIdentity {
  /** 32 bytes. */
  readonly privateKey: Uint8Array
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly nodeId: Uint8Array
}

export interface PuppetOptions {
  readonly identity: PuppetIdentity
  readonly endpoint: SocketEndpoint
  /** Whom it names when it is asked for nodes near to a target, 64 bytes. Nobody by default. */
  readonly neighbors?: (target: Uint8Array) => readonly PacketNode[]
  /** Where it says that pings came from; the truth by default. */
  readonly seenAt?: (from: SocketEndpoint) => SocketEndpoint
}

/** A node of a simulation that does as it is told: it answers pings and ENR requests, and says what a test wants said. */
export interface Puppet extends PuppetIdentity {
  readonly endpoint: SocketEndpoint
  /** Packets of each type that it has got. */
  readonly got: ReadonlyMap<Packet['type'], number>
  ping(to: SocketEndpoint): void
  findnode(target: Uint8Array, to: SocketEndpoint): void
  close(): Promise<void>
}

/** A puppet's identity from its private key. */
export function puppetIdentity(privateKey: Uint8Array, crypto: Crypto): PuppetIdentity {
  const publicKey = crypto.publicKey(privateKey)
  return { privateKey, publicKey, nodeId: nodeIdFromPublicKey(publicKey, { crypto }) }
}

const toPacket = ({ ip, port }: SocketEndpoint): PacketEndpoint => ({ ip, udpPort: port, tcpPort: port })

/** Puts a puppet into a simulation. */
export async function createPuppet(stage: PuppetStage, options: PuppetOptions): Promise<Puppet> {
  const { clock, crypto, network } = stage
  const { identity, neighbors = () => [], seenAt = (from) => from } = options
  const { privateKey } = identity
  const socket = await network.bind(options.endpoint)
  const endpoint = socket.local
  const entries = [ipEntry.of(endpoint.ip), tcpEntry.of(endpoint.port), udpEntry.of(endpoint.port)]
  const record = signRecord({ seq: 1n, entries, privateKey, crypto }).bytes
  // bounded: the six types of packets
  const got = new Map<Packet['type'], number>()

  const expiration = (): number => Math.floor(clock.now() / 1000) + expirySeconds

  const send = (packet: Packet, to: SocketEndpoint): void => {
    // A socket that was closed meanwhile sends no more, and a puppet misses nothing by that.
    socket.send(encodePacket(packet, { privateKey, crypto }).bytes, to).catch(() => undefined)
  }

  const answer = (packet: Packet, hash: Uint8Array, from: SocketEndpoint): void => {
    if (packet.type === 'ping') {
      const to = toPacket(seenAt(from))
      send({ type: 'pong', to, pingHash: hash, expiration: expiration(), enrSeq: 1n }, from)
    } else if (packet.type === 'enrRequest') {
      send({ type: 'enrResponse', requestHash: hash, record }, from)
    } else if (packet.type === 'findnode') {
      const nodes = neighbors(packet.target)
      let start = 0
      do {
        const part = nodes.slice(start, start + neighborsPerPacket)
        send({ type: 'neighbors', nodes: part, expiration: expiration() }, from)
        start += neighborsPerPacket
      } while (start < nodes.length)
    }
  }

  void (async () => {
    for await (const { bytes, from } of socket) {
      const { packet, hash } = inspectPacket(bytes, { crypto })
      got.set(packet.type, (got.get(packet.type) ?? 0) + 1)
      answer(packet, hash, from)
    }
  })()

  return {
    ...identity,
    endpoint,
    got,
    ping(to) {
      const [own, theirs] = [toPacket(endpoint), toPacket(to)]
      send({ type: 'ping', version: 4, from: own, to: theirs, expiration: expiration(), enrSeq: 1n }, to)
    },
    findnode(target, to) {
      send({ type: 'findnode', target, expiration: expiration() }, to)
    },
    close: () => socket.close(),
  }
}
