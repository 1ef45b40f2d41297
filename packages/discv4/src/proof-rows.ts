/** Rows of a set; sets at first, and at most: 16,384 rows, which take 256 KB. */
const rowsOfSet = 16
const firstSets = 4
const maxSets = 1024

/**
 * A set that is full makes the table grow by a quarter, unless a network has as many rows of the set, or several while more
 * than half of the table is free, or none has more than the new one's own: then the oldest of the network that has most
 * goes.
 */
const growAtLoad = 1 / 2
const manyRows = rowsOfSet / 2

/** Words of a row: what it is found by, where the endpoint is, and two for its owner. */
const wordsOfRow = 4
const endpointWord = 1
const atWord = 2
const ownWord = 3

/** Lower bits of an endpoint's word that are of its network: those that choose the set, and a few to tell networks apart. */
const networkBits = 16
const networkMask = 2 ** networkBits - 1

/** Where a row is to be found: two hashes in one word. @param network all rows of a network are in one set */
export function endpointWordOf(endpoint: number, network: number): number {
  return (endpoint << networkBits) | (network & networkMask)
}

/**
 * Small rows that are found by hashes, of which each network has its own place: whoever has many addresses behind one of
 * them pushes out his own rows. In one array, since there may be thousands of tables in one process.
 */
export class ProofRows {
  readonly #lifeSeconds: number
  // bounded: maxSets; the oldest row of the network that has most in a set goes first
  #words = new Int32Array(firstSets * rowsOfSet * wordsOfRow)
  #sets = firstSets
  #size = 0

  constructor(lifeSeconds: number) {
    this.#lifeSeconds = lifeSeconds
  }

  /** Rows in use, those included whose time is over. */
  get size(): number {
    return this.#size
  }

  get memoryBytes(): number {
    return this.#words.byteLength
  }

  /** @returns the row, or -1 */
  find(tag: number, endpoint: number): number {
    const words = this.#words
    const begin = this.#begin(endpoint)
    for (let row = begin; row < begin + rowsOfSet * wordsOfRow; row += wordsOfRow) {
      if (words[row] === tag && words[row + atWord] !== 0) return row
    }
    return -1
  }

  /** Whether a row of this very endpoint is alive. */
  hasEndpoint(endpoint: number, nowSeconds: number): boolean {
    const words = this.#words
    const begin = this.#begin(endpoint)
    for (let row = begin; row < begin + rowsOfSet * wordsOfRow; row += wordsOfRow) {
      if (words[row + endpointWord] === endpoint && this.isAlive(row, nowSeconds)) return true
    }
    return false
  }

  isAlive(row: number, nowSeconds: number): boolean {
    const atSeconds = this.#words[row + atWord] as number
    return atSeconds !== 0 && nowSeconds - atSeconds < this.#lifeSeconds
  }

  /** Renews a row, or makes one. @returns it; rows found before are no longer valid */
  put(tag: number, endpoint: number, nowSeconds: number): number {
    const found = this.find(tag, endpoint)
    const row = found === -1 ? this.#claim(endpoint, nowSeconds) : found
    const words = this.#words
    if (words[row + atWord] === 0) this.#size++
    if (found === -1) words[row + ownWord] = 0
    words[row] = tag
    words[row + endpointWord] = endpoint
    words[row + atWord] = nowSeconds
    return row
  }

  /** The word that is its owner's. */
  own(row: number): number {
    return this.#words[row + ownWord] as number
  }

  setOwn(row: number, word: number): void {
    this.#words[row + ownWord] = word
  }

  #begin(endpoint: number): number {
    return (((endpoint & networkMask) * this.#sets) >>> networkBits) * rowsOfSet * wordsOfRow
  }

  /** A row that is free, or whose owner has to go. */
  #claim(endpoint: number, nowSeconds: number): number {
    const begin = this.#begin(endpoint)
    for (let row = begin; row < begin + rowsOfSet * wordsOfRow; row += wordsOfRow) {
      if (!this.isAlive(row, nowSeconds)) return row
    }
    const { row, rows, isOwn } = this.#oldestOfMost(begin, endpoint & networkMask)
    const isHalfEmpty = this.#size < this.#sets * rowsOfSet * growAtLoad
    const isFair = rows === 1 || !isHalfEmpty
    if (isOwn || !isFair || rows >= manyRows || this.#sets === maxSets) return row
    this.#grow(nowSeconds)
    return this.#claim(endpoint, nowSeconds)
  }

  /** Of the network that has most rows of a set, its own rather than another: how many these are, and the oldest of them. */
  #oldestOfMost(begin: number, own: number): { readonly row: number; readonly rows: number; readonly isOwn: boolean } {
    const words = this.#words
    const end = begin + rowsOfSet * wordsOfRow
    let most = { row: begin, rows: 0, isOwn: false }
    for (let first = begin; first < end; first += wordsOfRow) {
      const network = (words[first + endpointWord] as number) & networkMask
      let oldest = first
      let rows = 0
      for (let row = begin; row < end; row += wordsOfRow) {
        if (((words[row + endpointWord] as number) & networkMask) !== network) continue
        rows++
        if ((words[row + atWord] as number) < (words[oldest + atWord] as number)) oldest = row
      }
      const isOwn = network === own
      const isOlder = (words[oldest + atWord] as number) < (words[most.row + atWord] as number)
      const isFirst = isOwn || (isOlder && !most.isOwn)
      if (rows > most.rows || (rows === most.rows && isFirst)) most = { row: oldest, rows, isOwn }
    }
    return most
  }

  #grow(nowSeconds: number): void {
    const old = this.#words
    this.#sets = Math.min(maxSets, this.#sets + Math.max(firstSets, this.#sets >> 2))
    this.#words = new Int32Array(this.#sets * rowsOfSet * wordsOfRow)
    for (let row = 0; row < old.length; row += wordsOfRow) {
      const atSeconds = old[row + atWord] as number
      if (atSeconds === 0 || nowSeconds - atSeconds >= this.#lifeSeconds) continue
      const place = this.#claim(old[row + endpointWord] as number, nowSeconds)
      this.#words.set(old.subarray(row, row + wordsOfRow), place)
    }
    this.#size = 0
    for (let row = 0; row < this.#words.length; row += wordsOfRow) if (this.#words[row + atWord] !== 0) this.#size++
  }
}
