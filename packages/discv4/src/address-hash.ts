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

  constructor(salt: number) {
    this.#salt = salt
  }

  /** 30 bits, so that it is a small integer. */
  of(ip: string): number {
    if (ip !== this.#ip) {
      let hash = this.#salt
      for (let index = 0; index < ip.length; index++) hash = Math.imul(hash ^ ip.charCodeAt(index), 0x01000193)
      this.#ip = ip
      this.#hash = folded(hash)
    }
    return this.#hash
  }

  /** Of an address with a port; 30 bits, too. */
  ofEndpoint(ip: string, port: number): number {
    return folded(Math.imul((this.of(ip) + this.#salt) ^ port, 0x01000193))
  }
}

function folded(hash: number): number {
  return (hash ^ (hash >>> 15)) & 0x3fffffff
}
