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
  #networkIp = ''
  #network = 0
  #isShared = false

  constructor(salt: number) {
    this.#salt = salt
  }

  /** 30 bits, so that it is a small integer. */
  of(ip: string): number {
    if (ip !== this.#ip) {
      this.#ip = ip
      this.#hash = folded(this.#ofText(ip, ip.length))
    }
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
      this.#isShared = !isLan(ip)
      this.#network = this.#isShared ? folded(ip.includes(':') ? this.#ofPrefix6(ip) : this.#ofPrefix4(ip)) : 0
    }
    return this.#isShared ? this.#network : this.ofEndpoint(ip, port)
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

  #ofText(text: string, end: number): number {
    let hash = this.#salt
    for (let index = 0; index < end; index++) hash = Math.imul(hash ^ text.charCodeAt(index), factor)
    return hash
  }

  #ofPrefix4(ip: string): number {
    let end = ip.length
    while (end > 0 && ip.charCodeAt(--end) !== dot);
    return this.#ofText(ip, end)
  }

  #ofPrefix6(ip: string): number {
    let hash = this.#salt
    for (const byte of toIp(ip).bytes.subarray(0, 6)) hash = Math.imul(hash ^ byte, factor)
    return hash
  }
}

function folded(hash: number): number {
  return (hash ^ (hash >>> 15)) & 0x3fffffff
}
