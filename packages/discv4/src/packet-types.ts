// The messages of "Node Discovery Protocol v4" (devp2p specification) as values, EIP-868 included. The field names are
// the specification's.

/** Where a node is. The address is missing when it was sent in a form that is none, which is no reason to refuse it. */
export interface PacketEndpoint {
  readonly ip: string | undefined
  readonly udpPort: number
  readonly tcpPort: number
}

/** A node of a Neighbors packet. */
export interface PacketNode extends PacketEndpoint {
  /** 64 bytes. Not checked to be on the curve. */
  readonly publicKey: Uint8Array
}

/** Asks whether a node is there; the first half of an endpoint proof. */
export interface PingPacket {
  readonly type: 'ping'
  /** 4; receivers do not look at it (EIP-8). */
  readonly version: number
  readonly from: PacketEndpoint
  readonly to: PacketEndpoint
  /** Unix time in seconds. From 2^53 on it is only near to what was sent, which is in no packet of use. */
  readonly expiration: number
  /** The sequence number of the sender's record (EIP-868). */
  readonly enrSeq?: bigint | undefined
}

/** Answers a ping. */
export interface PongPacket {
  readonly type: 'pong'
  /** Where the ping came from. */
  readonly to: PacketEndpoint
  /** The hash of the ping: 32 bytes, or it answers none. */
  readonly pingHash: Uint8Array
  readonly expiration: number
  readonly enrSeq?: bigint | undefined
}

/** Asks for the nodes nearest to a target. */
export interface FindnodePacket {
  readonly type: 'findnode'
  /** A public key, or any other 64 bytes: its keccak-256 is what nodes are to be near to. */
  readonly target: Uint8Array
  readonly expiration: number
}

/** Answers a Findnode; several of them make one answer of up to 16 nodes. */
export interface NeighborsPacket {
  readonly type: 'neighbors'
  /** At most {@link maxNeighbors} are sent; what was received is bounded by the size of a packet. */
  readonly nodes: readonly PacketNode[]
  readonly expiration: number
}

/** Asks for a node's record (EIP-868). */
export interface EnrRequestPacket {
  readonly type: 'enrRequest'
  readonly expiration: number
}

/** Answers an ENRRequest (EIP-868). It does not expire. */
export interface EnrResponsePacket {
  readonly type: 'enrResponse'
  /** The hash of the request: 32 bytes, or it answers none. */
  readonly requestHash: Uint8Array
  /** The record as RLP, at most 300 bytes, unchecked: `decodeRecord` of `@ethwire/enr` reads it. */
  readonly record: Uint8Array
}

/** One of the six packets. Byte fields of packets that were read are views into the packet. */
export type Packet = PingPacket | PongPacket | FindnodePacket | NeighborsPacket | EnrRequestPacket | EnrResponsePacket

/** The types in the order of their numbers, which begin at 1. */
export const packetTypes: readonly Packet['type'][] = [
  'ping',
  'pong',
  'findnode',
  'neighbors',
  'enrRequest',
  'enrResponse',
]

/** The most bytes that a packet may have; longer ones are none. */
export const maxPacketBytes = 1280

/** A packet's frame: its hash, and the signature of what follows. */
export const hashBytes = 32
const signatureBytes = 65
export const headBytes: number = hashBytes + signatureBytes

/** The nodes that always fit into one Neighbors packet, IPv6 addresses and all. */
export const maxNeighbors = 12
