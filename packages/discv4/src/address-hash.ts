import { isLan, toIp } from '@ethwire/netutil'

const dot = 46
const factor = 0x01000193

/**
 * Numbers for addresses. The platform makes a new string for each packet, which has to be hashed and looked up among all
 * strings before a map can be asked by it: with a number, a map costs a tenth. Salted, so that nobody outside can choose
 * addresses that share one.
 */
export class AddressHash {
  readonly #salt: number
  // The last address: a packet asks several times.
  #ip = ''
  #hash = 0
  /** Of what precedes the last dot. */
  #prefix = 0
  #networkIp = ''
  /** Undefined: each endpoint is one of its own. */
  #network: number | undefined

  constructor(salt: number) {
    this.#salt = salt
  }

  /** 30 bits, so that it is a small integer. */
  of(ip: string): number {
    if (ip !== this.#ip) this.#read(ip)
    return this.#hash
  }

  /** Of an address with a port; 30 bits, too. */
  ofEndpoint(ip: string, port: number): number {
    return folded(Math.imul((this.of(ip) + this.#salt) ^ port, factor))
  }

  /**
   * Of the network that one owner has cheaply, an IPv4 /24 or an IPv6 /48; 30 bits. In the LAN and on this machine, where
   * nobody outside has addresses and one may have many nodes, each endpoint is a network of its own.
   */
  ofNetwork(ip: string, port: number): number {
    if (ip !== this.#networkIp) {
      this.#networkIp = ip
      this.#network = isLan(ip) ? undefined : this.#networkOf(ip)
    }
    return this.#network ?? mixed(this.ofEndpoint(ip, port))
  }

  /**
   * Of a node at an address; 32 bits. Half of its ID is looked at, since parts of one that equal another's can be sought.
   * @param nodeId 32 bytes
   */
  ofNode(nodeId: Uint8Array, ip: string): number {
    let hash = this.of(ip) ^ this.#salt
    for (let index = 0; index < 16; index += 4) {
      const word =
        ((nodeId[index] as number) << 24) |
        ((nodeId[index + 1] as number) << 16) |
        ((nodeId[index + 2] as number) << 8) |
        (nodeId[index + 3] as number)
      hash = Math.imul(word ^ hash ^ (hash >>> 15), this.#salt | 1)
    }
    return hash ^ (hash >>> 13)
  }

  #read(ip: string): void {
    let hash = this.#salt
    let prefix = hash
    for (let index = 0; index < ip.length; index++) {
      const code = ip.charCodeAt(index)
      if (code === dot) prefix = hash
      hash = Math.imul(hash ^ code, factor)
    }
    this.#ip = ip
    this.#hash = folded(hash)
    this.#prefix = prefix
  }

  #networkOf(ip: string): number {
    if (!ip.includes(':')) {
      this.of(ip)
      return mixed(this.#prefix)
    }
    let hash = this.#salt
    for (const byte of toIp(ip).bytes.subarray(0, 6)) hash = Math.imul(hash ^ byte, factor)
    return mixed(hash)
  }
}

/** 30 bits of which each depends on all: networks that are alike are to be far from each other (the end of MurmurHash3). */
function mixed(hash: number): number {
  let word = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
  return (word ^ (word >>> 16)) & 0x3fffffff
}

function folded(hash: number): number {
  return (hash ^ (hash >>> 15)) & 0x3fffffff
}
