import { ipFromBytes } from '@ethwire/netutil'
import { type Cursor, fixedBytes, RlpError, type Schema, u16, u64 } from '@ethwire/rlp-codec'
import type {
  EnrRequestPacket,
  EnrResponsePacket,
  FindnodePacket,
  NeighborsPacket,
  Packet,
  PacketEndpoint,
  PacketNode,
  PingPacket,
  PongPacket,
} from './packet-types.ts'

const key: Schema<Uint8Array> = fixedBytes(64)
const maxRecordBytes = 300

/** An address of 4 or 16 bytes; `undefined` for other byte strings, which Ping and Pong may have (geth takes them). */
function readIp(input: Cursor): string | undefined {
  input.nextBytes('an IP address')
  const { source, payloadStart: at } = input
  const length = input.payloadEnd - at
  if (length === 4) return `${source[at]}.${source[at + 1]}.${source[at + 2]}.${source[at + 3]}`
  return length === 16 ? ipFromBytes(input.payload()).text : undefined
}

/** Up to 8 bytes; a number, since times and versions are far below 2^53 wherever they mean something. */
function readNumber(input: Cursor): number {
  input.nextBytes('an unsigned integer')
  const { source, payloadStart, payloadEnd } = input
  if (payloadEnd - payloadStart > 8) throw new RlpError('RLP_TOO_LARGE', 'expected an unsigned integer of 64 bits')
  if (payloadEnd > payloadStart && source[payloadStart] === 0) {
    throw new RlpError('RLP_NOT_CANONICAL', 'an integer has a leading zero')
  }
  let value = 0
  for (let index = payloadStart; index < payloadEnd; index++) value = value * 256 + (source[index] as number)
  return value
}

function readEndpoint(input: Cursor): PacketEndpoint {
  const outerEnd = input.enterList('an endpoint')
  const ip = readIp(input)
  const udpPort = u16.read(input)
  const tcpPort = u16.read(input)
  input.leave(outerEnd)
  return { ip, udpPort, tcpPort }
}

function readNode(input: Cursor): PacketNode {
  const outerEnd = input.enterList('a node')
  const ip = readIp(input)
  const udpPort = u16.read(input)
  const tcpPort = u16.read(input)
  const publicKey = key.read(input)
  input.leave(outerEnd)
  return { ip, udpPort, tcpPort, publicKey }
}

/** The sequence number of EIP-868, where there is one: EIP-8 lets anything stand there, and its own test packets do. */
function readSequence(input: Cursor): bigint | undefined {
  if (input.position >= input.end) return undefined
  try {
    return u64.read(input)
  } catch (error) {
    if (error instanceof RlpError) return undefined
    throw error
  }
}

function readPing(input: Cursor): PingPacket {
  const version = readNumber(input)
  const from = readEndpoint(input)
  const to = readEndpoint(input)
  const expiration = readNumber(input)
  return { type: 'ping', version, from, to, expiration, enrSeq: readSequence(input) }
}

function readHash(input: Cursor): Uint8Array {
  input.nextBytes('a hash')
  return input.payload()
}

function readPong(input: Cursor): PongPacket {
  const to = readEndpoint(input)
  const pingHash = readHash(input)
  const expiration = readNumber(input)
  return { type: 'pong', to, pingHash, expiration, enrSeq: readSequence(input) }
}

function readFindnode(input: Cursor): FindnodePacket {
  const target = key.read(input)
  return { type: 'findnode', target, expiration: readNumber(input) }
}

function readNeighbors(input: Cursor): NeighborsPacket {
  const outerEnd = input.enterList('a list of nodes')
  // bounded: a node has 71 bytes at least, so that 1,280 hold at most 16
  const nodes: PacketNode[] = []
  while (input.position < input.end) nodes.push(readNode(input))
  input.leave(outerEnd)
  return { type: 'neighbors', nodes, expiration: readNumber(input) }
}

function readEnrRequest(input: Cursor): EnrRequestPacket {
  return { type: 'enrRequest', expiration: readNumber(input) }
}

function readEnrResponse(input: Cursor): EnrResponsePacket {
  const requestHash = readHash(input)
  const start = input.position
  input.next()
  if (input.kind !== 'list') throw new RlpError('RLP_KIND', 'expected a record, got bytes')
  const record = input.source.subarray(start, input.position)
  if (record.length > maxRecordBytes) {
    throw new RlpError('RLP_TOO_LARGE', `expected a record of at most ${maxRecordBytes} bytes, got ${record.length}`)
  }
  return { type: 'enrResponse', requestHash, record }
}

// By the packet type's number less one.
const readers: readonly ((input: Cursor) => Packet)[] = [
  readPing,
  readPong,
  readFindnode,
  readNeighbors,
  readEnrRequest,
  readEnrResponse,
]

/**
 * Reads a packet's fields, a list that the cursor stands before. What the list has after the fields, and what comes
 * after the list, is not looked at (EIP-8).
 *
 * @throws RlpError
 */
export function readFields(typeNumber: number, input: Cursor): Packet {
  const read = readers[typeNumber - 1]
  if (read === undefined) throw new RangeError(`there is no packet type ${typeNumber}`)
  input.enterList('a list of fields')
  return read(input)
}
