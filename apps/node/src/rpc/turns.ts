import type { Clock } from '@ethwire/io'

/** What all calls together may take before everything else that has come in is looked at, in milliseconds. */
const turnMs = 5

/** Who may work on a call now: one for all of a node's servers. */
export interface RpcTurns {
  /** Undefined while there is time; else resolves when it is one's turn: first come, first served. */
  wait(): Promise<void> | undefined
  /** Whether there is no time left; begins with the first call or question of a turn. */
  isSpent(): boolean
}

export interface RpcTurnsOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Calls back when all else has had its turn; by default the event loop's next one. */
  readonly afterEvents?: (step: () => void) => void
}

/**
 * Calls that need nothing but memory follow one another without the event loop getting a turn, however many there are, and
 * libuv reads the next piece from each connection before it looks at timers. So whoever has a connection could stop all else
 * that the process does, peers first. Here calls, and the reading of their JSON, have 5 ms in a turn of the loop.
 */
export function createRpcTurns({ clock, afterEvents = setImmediate }: RpcTurnsOptions): RpcTurns {
  // bounded: one for each connection of the servers, which answer one call of a connection at a time, and each server
  const waiting: (() => void)[] = []
  // Undefined as long as nothing was done in this turn.
  let beganMs: number | undefined

  const isSpent = (): boolean => {
    if (beganMs === undefined) begin()
    return clock.monotonicMs() - (beganMs ?? 0) >= turnMs
  }

  function begin(): void {
    beganMs = clock.monotonicMs()
    afterEvents(() => {
      beganMs = undefined
      if (waiting.length === 0) return
      begin()
      letOneIn()
    })
  }

  function letOneIn(): void {
    waiting.shift()?.()
    // When that one has done what it could do at once.
    if (waiting.length > 0) process.nextTick(() => void (isSpent() || letOneIn()))
  }

  return {
    wait() {
      const spent = isSpent()
      if (waiting.length === 0 && !spent) return undefined
      return new Promise((resolve) => waiting.push(resolve))
    },
    isSpent,
  }
}
