import ipaddr from 'ipaddr.js'

/** An IP address as a value. IPv4 in IPv6's clothes (`::ffff:10.0.0.1`) is the IPv4 address it stands for. */
export interface IpAddress {
  readonly family: 4 | 6
  /** 4 or 16 bytes, network order. */
  readonly bytes: Uint8Array
  /** The canonical form: dotted decimal, or RFC 5952 without a zone. */
  readonly text: string
}

/** The longest text of an address: eight groups of four digits, the last two in dotted decimal. */
const maxTextLength = 45

function create(parsed: ipaddr.IPv4 | ipaddr.IPv6): IpAddress {
  if (parsed.kind() === 'ipv6') {
    const v6 = parsed as ipaddr.IPv6
    if (!v6.isIPv4MappedAddress()) {
      return { family: 6, bytes: Uint8Array.from(v6.toByteArray()), text: v6.toRFC5952String() }
    }
    return create(v6.toIPv4Address())
  }
  return { family: 4, bytes: Uint8Array.from(parsed.toByteArray()), text: parsed.toString() }
}

/**
 * Reads an address from text: IPv4 as four decimal numbers without leading zeros, IPv6 in any form of RFC 4291 without
 * a zone.
 *
 * @returns the address, or `undefined` when the text is none
 *
 * @example
 * import { parseIp } from '@ethwire/netutil'
 *
 * console.log(parseIp('2001:DB8:0:0::1')?.text) // 2001:db8::1
 * console.log(parseIp('010.0.0.1')) // undefined
 */
export function parseIp(text: string): IpAddress | undefined {
  // Other forms (`0x7f.1`, `010.0.0.1`) are read differently by different programs: a way around filters.
  if (text.length > maxTextLength || text.includes('%')) return undefined
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return create(ipaddr.IPv4.parse(text))
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  if (dotted.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(dotted)) return undefined
  return create(ipaddr.IPv6.parse(text))
}

/**
 * The address that 4 or 16 bytes stand for.
 *
 * @throws RangeError for any other length
 *
 * @example
 * import { ipFromBytes } from '@ethwire/netutil'
 *
 * console.log(ipFromBytes(Uint8Array.of(10, 0, 0, 1)).text) // 10.0.0.1
 */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new RangeError(`an IP address has 4 or 16 bytes, got ${bytes.length}`)
  }
  return create(ipaddr.fromByteArray([...bytes]))
}

/** An address, or text that is one. @throws TypeError for text that is none */
export function toIp(address: IpAddress | string): IpAddress {
  if (typeof address !== 'string') return address
  const parsed = parseIp(address)
  if (parsed === undefined) throw new TypeError(`expected an IP address, got ${JSON.stringify(address.slice(0, 64))}`)
  return parsed
}
