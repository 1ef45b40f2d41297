import type { Clock, Timer } from '@ethwire/io'
import { networkKey, parseIp } from '@ethwire/netutil'

/** Lets those who want something of one address through one after the other, with a rest between them. */
export interface PoliteLanes {
  /**
   * Resolves when the address may be bothered, with what the caller has to call when that begins: the rest is counted from
   * there. Once the signal has aborted nobody waits any more.
   */
  turn(address: string): Promise<() => void>
  /** How many are in the lane of an address, the one whose rest it is included. */
  inLane(address: string): number
}

interface Lane {
  /** Settles when the next one may begin. */
  free: Promise<void>
  length: number
}

export interface PoliteLanesOptions {
  readonly restMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export function createPoliteLanes({ restMs, clock, signal }: PoliteLanesOptions): PoliteLanes {
  // bounded: the addresses of those who wait, which their callers bound, and of those who began within the last restMs
  const lanes = new Map<string, Lane>()
  // What ends each rest. bounded: those who began within the last restMs
  const rests = new Set<() => void>()
  // One listener for all: the signal looks through all that it has whenever one is added.
  signal.addEventListener('abort', () => {
    for (const end of rests) end()
  })
  return {
    async turn(address) {
      const key = laneOf(address)
      const lane = lanes.get(key) ?? { free: Promise.resolve(), length: 0 }
      lanes.set(key, lane)
      const before = lane.free
      const rested = Promise.withResolvers<void>()
      lane.free = rested.promise
      lane.length += 1
      await before
      return () => {
        let timer: Timer | undefined
        const end = (): void => {
          timer?.cancel()
          rests.delete(end)
          lane.length -= 1
          if (lane.length === 0) lanes.delete(key)
          rested.resolve()
        }
        if (signal.aborted) return end()
        timer = clock.setTimer(restMs, end)
        rests.add(end)
      }
    },
    inLane: (address) => lanes.get(laneOf(address))?.length ?? 0,
  }
}

/** Who has an IPv6 address has its whole /64. */
function laneOf(address: string): string {
  const ip = parseIp(address)
  return ip === undefined ? address : networkKey(ip)
}
