import { words } from './ip-words.ts'
import { maskOf } from './network.ts'

/** How many addresses of each network there are. The network is that of the address loaded last. */
export interface SubnetCounts {
  get(): number
  /** One more, unless there are `max`; then `false`. */
  increment(max: number): boolean
  /** One less, unless there is none; then `false`. */
  decrement(): boolean
}

/** Makes counts for networks that have their first `bits` in common, 64 at most. */
export function createSubnetCounts(bits: number): SubnetCounts {
  return bits <= 32 ? createNarrowCounts(bits) : createWideCounts(bits)
}

function createNarrowCounts(bits: number): SubnetCounts {
  const shift = 32 - bits
  // bounded: by the addresses that whoever asks lets in. Not there while empty: most buckets of a table never have one.
  let counts: Map<number, number> | undefined
  const get = (key: number): number => counts?.get(key) ?? 0
  return {
    get: () => get((words[0] as number) >> shift),
    increment(max) {
      const key = (words[0] as number) >> shift
      const count = get(key)
      if (count >= max) return false
      counts ??= new Map()
      counts.set(key, count + 1)
      return true
    },
    decrement() {
      const key = (words[0] as number) >> shift
      const count = get(key)
      if (count > 1) counts?.set(key, count - 1)
      else if (count === 1) counts?.delete(key)
      return count > 0
    },
  }
}

interface WideCount {
  readonly first: number
  readonly second: number
  count: number
  /** Another with the same key. */
  next: WideCount | undefined
}

/** 64 bits are too many for a number as key, and text would cost more than all the rest. */
function createWideCounts(bits: number): SubnetCounts {
  const mask = maskOf(bits, 1)
  // bounded: as above; so are the chains, which is why the key needs no secret
  let counts: Map<number, WideCount> | undefined
  const keyOf = (first: number, second: number): number => first ^ Math.imul(second, 0x9e3779b1)

  const find = (first: number, second: number): WideCount | undefined => {
    let entry = counts?.get(keyOf(first, second))
    while (entry !== undefined && (entry.first !== first || entry.second !== second)) entry = entry.next
    return entry
  }

  const insert = (first: number, second: number): void => {
    counts ??= new Map()
    const key = keyOf(first, second)
    counts.set(key, { first, second, count: 1, next: counts.get(key) })
  }

  const remove = (entry: WideCount): void => {
    const key = keyOf(entry.first, entry.second)
    let before = counts?.get(key)
    if (before === entry) {
      if (entry.next === undefined) counts?.delete(key)
      else counts?.set(key, entry.next)
      return
    }
    while (before !== undefined && before.next !== entry) before = before.next
    if (before !== undefined) before.next = entry.next
  }

  return {
    get: () => find(words[0] as number, (words[1] as number) & mask)?.count ?? 0,
    increment(max) {
      const first = words[0] as number
      const second = (words[1] as number) & mask
      const entry = find(first, second)
      if ((entry?.count ?? 0) >= max) return false
      if (entry === undefined) insert(first, second)
      else entry.count++
      return true
    },
    decrement() {
      const entry = find(words[0] as number, (words[1] as number) & mask)
      if (entry === undefined) return false
      if (--entry.count === 0) remove(entry)
      return true
    },
  }
}
