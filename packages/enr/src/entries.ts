import { ipFromBytes, toIp } from '@ethwire/netutil'
import { convert, fixedBytes, type Schema, u16, utf8 } from '@ethwire/rlp-codec'
import { defineEntry, type RecordEntry } from './entry.ts'

const address = (family: 4 | 6): Schema<string> =>
  convert(fixedBytes(family === 4 ? 4 : 16), {
    read: (bytes) => ipFromBytes(bytes).text,
    write: (text) => {
      const ip = toIp(text)
      if (ip.family !== family) throw new TypeError(`expected an IPv${family} address, got ${ip.text}`)
      return ip.bytes
    },
  })

/** The least port of a record. A port of one byte is how malformed records look; no node listens there. */
const minPort = 256

const checkPort = (port: number): number => {
  if (port !== 0 && port < minPort) throw new RangeError(`a record's port is 0 or at least ${minPort}, got ${port}`)
  return port
}

const port: Schema<number> = convert(u16, { read: checkPort, write: checkPort })

/** The name of the identity scheme: `v4`. */
export const idEntry: RecordEntry<string> = defineEntry('id', utf8(16))

/** The compressed public key, 33 bytes. */
export const secp256k1Entry: RecordEntry<Uint8Array> = defineEntry('secp256k1', fixedBytes(33))

/** The IPv4 address, in text. */
export const ipEntry: RecordEntry<string> = defineEntry('ip', address(4))

/** The TCP port, for both families unless there is a `tcp6`. From 256; 0 says none. */
export const tcpEntry: RecordEntry<number> = defineEntry('tcp', port)

/** The UDP port, for both families unless there is a `udp6`. From 256; 0 says none. */
export const udpEntry: RecordEntry<number> = defineEntry('udp', port)

/** The IPv6 address, in text. Read from a record it is an IPv4 address if it was one mapped into IPv6. */
export const ip6Entry: RecordEntry<string> = defineEntry('ip6', address(6))

/** The TCP port for IPv6 alone. */
export const tcp6Entry: RecordEntry<number> = defineEntry('tcp6', port)

/** The UDP port for IPv6 alone. */
export const udp6Entry: RecordEntry<number> = defineEntry('udp6', port)

/** The entries of EIP-778: a record in which one of them cannot be read is none. */
export const ownEntries: readonly RecordEntry<unknown>[] = [
  idEntry,
  secp256k1Entry,
  ipEntry,
  tcpEntry,
  udpEntry,
  ip6Entry,
  tcp6Entry,
  udp6Entry,
] as readonly RecordEntry<unknown>[]
