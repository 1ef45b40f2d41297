import { load, loadBytes, loadText, words } from './ip-words.ts'

/** An IP address as a value. IPv4 in IPv6's clothes (`::ffff:10.0.0.1`) is the IPv4 address it stands for. */
export interface IpAddress {
  readonly family: 4 | 6
  /** 4 or 16 bytes, network order. */
  readonly bytes: Uint8Array
  /** The canonical form: dotted decimal, or RFC 5952 without a zone. */
  readonly text: string
}

/** The address whose words these are; the first word alone is IPv4's. */
export function ipFromWords(family: 4 | 6, from: ArrayLike<number>): IpAddress {
  const bytes = new Uint8Array(family === 4 ? 4 : 16)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (from[index >> 2] as number) >>> (24 - 8 * (index & 3))
  }
  return { family, bytes, text: family === 4 ? formatIpv4(bytes) : formatIpv6(bytes) }
}

function formatIpv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
}

/** RFC 5952, section 4: lower case, no leading zeros, the first of the longest runs of zeros (two or more) as `::`. */
function formatIpv6(bytes: Uint8Array): string {
  const group = (index: number): number => ((bytes[index * 2] as number) << 8) | (bytes[index * 2 + 1] as number)
  let gap = 8
  let gapEnd = 8
  let longest = 1
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && group(end) === 0) end++
    if (end - start > longest) {
      longest = end - start
      gap = start
      gapEnd = end
    }
    if (end > start) start = end
  }
  const groups = (from: number, to: number): string => {
    let text = ''
    for (let index = from; index < to; index++) text += `${index === from ? '' : ':'}${group(index).toString(16)}`
    return text
  }
  return gap === 8 ? groups(0, 8) : `${groups(0, gap)}::${groups(gapEnd, 8)}`
}

/**
 * Reads an address from text: IPv4 as four decimal numbers without leading zeros, IPv6 in any form of RFC 4291 without
 * a zone. Other forms (`0x7f.1`, `010.0.0.1`) are read differently by different programs: a way around filters.
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
  const family = loadText(text)
  return family === 0 ? undefined : ipFromWords(family, words)
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
  return ipFromWords(loadBytes(bytes), words)
}

/** An address, or text that is one. @throws TypeError for text that is none */
export function toIp(address: IpAddress | string): IpAddress {
  return typeof address === 'string' ? ipFromWords(load(address), words) : address
}
