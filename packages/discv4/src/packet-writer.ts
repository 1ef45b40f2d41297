import { toIp } from '@ethwire/netutil'
import { headBytes, maxPacketBytes, type Packet, type PacketEndpoint, packetTypes } from './packet-types.ts'

/** Packets get their bytes from blocks: an allocation for each would cost more than all else about writing it. */
const blockBytes = 64 * 1024

/**
 * Writes a packet from its last byte to its first: a list's length is known when its header is written, so that nothing
 * is measured or copied first. One array serves all packets, since writing one is never interrupted.
 */
class BackwardWriter {
  readonly #bytes = new Uint8Array(maxPacketBytes)
  #start = maxPacketBytes
  #block = new ArrayBuffer(0)
  #blockUsed = blockBytes

  get start(): number {
    return this.#start
  }

  reset(): void {
    this.#start = maxPacketBytes
  }

  /** Makes room before what is written. */
  #take(length: number): number {
    const start = this.#start - length
    if (start < headBytes) throw new RangeError(`a packet has at most ${maxPacketBytes} bytes`)
    this.#start = start
    return start
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#take(bytes.length))
  }

  byte(value: number): void {
    this.#bytes[this.#take(1)] = value
  }

  string(bytes: Uint8Array): void {
    this.raw(bytes)
    if (bytes.length !== 1 || (bytes[0] as number) >= 0x80) this.#header(0x80, bytes.length)
  }

  /** An unsigned integer below 2^53. */
  number(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`expected an unsigned integer, got ${value}`)
    const end = this.#start
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) this.byte(rest % 256)
    this.#integerHeader(end)
  }

  /** An unsigned integer below 2^64. */
  bigint(value: bigint): void {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.number(Number(value))
      return
    }
    if (value >= 1n << 64n) throw new RangeError(`expected an unsigned integer of 64 bits, got ${value}`)
    const end = this.#start
    for (let rest = value; rest > 0n; rest >>= 8n) this.byte(Number(rest & 0xffn))
    this.#integerHeader(end)
  }

  /**
   * An IPv4 address from its text, as a byte string; false, and nothing written, for other text. Three quarters of what
   * is written are addresses, so that this makes no object of them.
   */
  ip4(text: string): boolean {
    const start = this.#start
    let at = start
    let index = text.length
    for (let part = 0; part < 4; part++) {
      let value = 0
      let unit = 1
      let code = text.charCodeAt(--index)
      for (; code >= 48 && code <= 57 && unit <= 100; code = text.charCodeAt(--index)) {
        value += (code - 48) * unit
        unit *= 10
      }
      // A number of no digits, or with a zero before it, is none; nor is one that something else than a dot goes before.
      const isNumber = unit > 1 && value <= 255 && (unit === 10 || value * 10 >= unit)
      const isEnd = part === 3 ? index === -1 : code === 46
      if (!isNumber || !isEnd) return false
      at--
      if (at < headBytes) return false
      this.#bytes[at] = value
    }
    this.#start = at
    this.#header(0x80, 4)
    return true
  }

  /** The header of a list whose content ends at `end`, an earlier `start`. */
  list(end: number): void {
    this.#header(0xc0, end - this.#start)
  }

  /** A small number is its own encoding; others are byte strings. */
  #integerHeader(end: number): void {
    const length = end - this.#start
    if (length !== 1 || (this.#bytes[this.#start] as number) >= 0x80) this.#header(0x80, length)
  }

  #header(offset: number, length: number): void {
    if (length > 55) {
      const end = this.#start
      for (let rest = length; rest > 0; rest >>= 8) this.byte(rest & 0xff)
      this.byte(offset + 55 + end - this.#start)
    } else {
      this.byte(offset + length)
    }
  }

  /** What was written, with room for the head before it. */
  finish(): Uint8Array {
    const length = maxPacketBytes - this.#start + headBytes
    if (this.#blockUsed + length > blockBytes) {
      this.#block = new ArrayBuffer(blockBytes)
      this.#blockUsed = 0
    }
    const packet = new Uint8Array(this.#block, this.#blockUsed, length)
    this.#blockUsed += length
    packet.set(this.#bytes.subarray(this.#start), headBytes)
    return packet
  }
}

const writer = new BackwardWriter()
const noBytes = new Uint8Array(0)

function writeIp(ip: string | undefined): void {
  if (ip === undefined) writer.string(noBytes)
  else if (!writer.ip4(ip)) writer.string(toIp(ip).bytes)
}

function checkPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`expected a port, got ${port}`)
  return port
}

function writeEndpoint({ ip, udpPort, tcpPort }: PacketEndpoint): void {
  const end = writer.start
  writer.number(checkPort(tcpPort))
  writer.number(checkPort(udpPort))
  writeIp(ip)
  writer.list(end)
}

function writeBytes(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes, got ${bytes.length}`)
  writer.string(bytes)
}

/** The fields, last to first. */
function writeFields(packet: Packet): void {
  switch (packet.type) {
    case 'ping':
      if (packet.enrSeq !== undefined) writer.bigint(packet.enrSeq)
      writer.number(packet.expiration)
      writeEndpoint(packet.to)
      writeEndpoint(packet.from)
      writer.number(packet.version)
      return
    case 'pong':
      if (packet.enrSeq !== undefined) writer.bigint(packet.enrSeq)
      writer.number(packet.expiration)
      writeBytes('a hash', packet.pingHash, 32)
      writeEndpoint(packet.to)
      return
    case 'findnode':
      writer.number(packet.expiration)
      writeBytes('a target', packet.target, 64)
      return
    case 'neighbors': {
      writer.number(packet.expiration)
      const end = writer.start
      for (let index = packet.nodes.length - 1; index >= 0; index--) {
        const node = packet.nodes[index]
        if (node === undefined) continue
        const nodeEnd = writer.start
        writeBytes('a public key', node.publicKey, 64)
        writer.number(checkPort(node.tcpPort))
        writer.number(checkPort(node.udpPort))
        writeIp(node.ip)
        writer.list(nodeEnd)
      }
      writer.list(end)
      return
    }
    case 'enrRequest':
      writer.number(packet.expiration)
      return
    case 'enrResponse':
      writer.raw(packet.record)
      writeBytes('a hash', packet.requestHash, 32)
      return
  }
}

/**
 * The packet's bytes with its head left empty: type and fields stand behind it, in a new array.
 *
 * @throws RangeError, TypeError for values that no packet can have
 */
export function writePacket(packet: Packet): Uint8Array {
  writer.reset()
  const end = writer.start
  writeFields(packet)
  writer.list(end)
  writer.byte(packetTypes.indexOf(packet.type) + 1)
  return writer.finish()
}
