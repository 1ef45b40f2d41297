import { type IpAddress, ipFromWords } from './ip-address.ts'
import { load, words } from './ip-words.ts'

/** Networks of both families to look an address up in: prefix and mask by turns, one word each of IPv4, four of IPv6. */
export interface Networks {
  readonly 4: Int32Array
  readonly 6: Int32Array
}

/** A network: the addresses that begin with the same bits. */
export interface IpNetwork {
  /** Its first address. */
  readonly address: IpAddress
  /** How many bits all of its addresses have in common. */
  readonly bits: number
}

/** The first `bits` of word `index` of an address. */
export function maskOf(bits: number, index: number): number {
  const rest = bits - 32 * index
  return rest <= 0 ? 0 : rest >= 32 ? -1 : -1 << (32 - rest)
}

/** The network with `bits` in common that an address is in. */
export function networkOf(address: IpAddress | string, bits: number): IpNetwork {
  const family = load(address)
  const masked = Array.from(words, (word, index) => word & maskOf(bits, index))
  return { address: ipFromWords(family, masked), bits }
}

/** Lays networks out for `isWithin`. */
export function packNetworks(networks: readonly IpNetwork[]): Networks {
  const pack = (family: 4 | 6): Int32Array => {
    const width = family === 4 ? 1 : 4
    return Int32Array.from(
      networks.flatMap(({ address, bits }) => {
        if (load(address) !== family) return []
        const masks = Array.from({ length: width }, (_, index) => maskOf(bits, index))
        return [...words.subarray(0, width), ...masks]
      }),
    )
  }
  return { 4: pack(4), 6: pack(6) }
}

/** Whether the address that was loaded last is in one of the networks. */
export function isWithin(networks: Networks, family: 4 | 6): boolean {
  const packed = networks[family]
  if (family === 4) {
    const word = words[0] as number
    for (let at = 0; at < packed.length; at += 2) {
      if (((word ^ (packed[at] as number)) & (packed[at + 1] as number)) === 0) return true
    }
    return false
  }
  for (let at = 0; at < packed.length; at += 8) {
    let differs = 0
    for (let index = 0; index < 4; index++) {
      differs |= ((words[index] as number) ^ (packed[at + index] as number)) & (packed[at + 4 + index] as number)
    }
    if (differs === 0) return true
  }
  return false
}
