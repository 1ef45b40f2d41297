import { type Clock, createRefillingBudget } from '@ethwire/io'

/** Who asked for no more the last time is not made to wait for those who ask for much. */
const lightBytes = 256 * 1024
/** What any request costs, whatever its answer: reading and writing a message, looking things up. */
const requestBytes = 16 * 1024

/** How much work may be asked for, in bytes that are read and sent; it fills up all the time. */
export interface WorkBudget {
  /** What may still be asked for at once; below zero it is owed. */
  balance(): number
  /** Counts a request for which so many bytes were read. */
  charge(readBytes: number): void
  /** How long until the balance is so much, from 0. */
  waitMs(balance: number): number
  /** Whether what was asked for last was little; unknown is no. */
  readonly isLight: boolean
}

/** Makes a budget that is full: a second's worth may be asked for at once. */
export function createWorkBudget(clock: Pick<Clock, 'monotonicMs'>, bytesPerSecond: number): WorkBudget {
  const { balance, spend, waitMs } = createRefillingBudget({ clock, most: bytesPerSecond, perSecond: bytesPerSecond })
  let isLight = false
  return {
    ...{ balance, waitMs },
    charge(readBytes) {
      spend(requestBytes + readBytes)
      isLight = readBytes <= lightBytes
    },
    get isLight() {
      return isLight
    },
  }
}
