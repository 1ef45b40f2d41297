/** An amount that comes back with time: packets, or milliseconds of work. Below zero it is owed, as much as there is at most. */
export class Allowance {
  readonly #most: number
  readonly #perMs: number
  #left: number
  #atMs = 0

  constructor(most: number, perSecond: number) {
    this.#most = most
    this.#perMs = perSecond / 1000
    this.#left = most
  }

  /** How much of it is left, from −1 to 1. */
  share(nowMs: number): number {
    if (nowMs > this.#atMs) {
      this.#left = Math.min(this.#most, this.#left + (nowMs - this.#atMs) * this.#perMs)
      this.#atMs = nowMs
    }
    return this.#left / this.#most
  }

  spend(amount: number): void {
    this.#left = Math.max(-this.#most, this.#left - amount)
  }
}
