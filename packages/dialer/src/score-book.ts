import type { Clock } from '@ethwire/io'

export interface ScoreBookOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Of those with a score, and of those that are banned, so many are remembered. */
  readonly maxEntries: number
  /** Who falls below it is banned. */
  readonly banScore: number
  readonly banMs: number
  readonly recoveryPerSecond: number
}

/** Scores of at most 0, which recover with time, and the bans that follow from them. */
export interface ScoreBook {
  /** Takes from a score; true if that bans. */
  charge(key: string, cost: number): boolean
  /** Gives back to a score; it does not end a ban. */
  credit(key: string, amount: number): void
  score(key: string): number
  /** Milliseconds until a ban ends; 0: there is none. */
  bannedMs(key: string): number
  ban(key: string, forMs: number): void
  /** Ends a ban and forgets the score; false if there was neither. */
  clear(key: string): boolean
  readonly scored: number
  /** Bans that have not ended. */
  readonly banned: number
  /** Whether there may be any. */
  readonly hasBans: boolean
}

export function createScoreBook(options: ScoreBookOptions): ScoreBook {
  const { clock, maxEntries, banScore, banMs, recoveryPerSecond } = options
  // bounded: maxEntries, LRU
  const scores = new Map<string, { score: number; atMs: number }>()
  // bounded: maxEntries, the ban that was spoken longest ago goes first. Apart, so that small offences push no ban out.
  const bans = new Map<string, number>()

  function put<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key)
    map.set(key, value)
    if (map.size > maxEntries) map.delete(map.keys().next().value as string)
  }

  function score(key: string): number {
    const entry = scores.get(key)
    if (entry === undefined) return 0
    const recovered = ((clock.monotonicMs() - entry.atMs) / 1000) * recoveryPerSecond
    return Math.min(0, entry.score + recovered)
  }

  function bannedMs(key: string): number {
    const untilMs = bans.get(key)
    if (untilMs === undefined) return 0
    const leftMs = untilMs - clock.monotonicMs()
    if (leftMs <= 0) bans.delete(key)
    return Math.max(0, leftMs)
  }

  function ban(key: string, forMs: number): void {
    scores.delete(key)
    put(bans, key, clock.monotonicMs() + forMs)
  }

  return {
    charge(key, cost) {
      if (cost === 0 || bannedMs(key) > 0) return false
      const left = score(key) - cost
      if (left < banScore) {
        ban(key, banMs)
        return true
      }
      put(scores, key, { score: left, atMs: clock.monotonicMs() })
      return false
    },
    credit(key, amount) {
      const entry = scores.get(key)
      if (entry !== undefined) entry.score += amount
    },
    ...{ score, bannedMs, ban },
    clear(key) {
      const wasBanned = bans.delete(key)
      return scores.delete(key) || wasBanned
    },
    get scored() {
      return scores.size
    },
    get banned() {
      return [...bans.keys()].filter((key) => bannedMs(key) > 0).length
    },
    get hasBans() {
      return bans.size > 0
    },
  }
}
