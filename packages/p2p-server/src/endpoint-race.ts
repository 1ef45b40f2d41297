import type { ByteStream, Clock, Dial, SocketEndpoint, Timer } from '@ethwire/io'

/** RFC 8305, section 5: how long the next endpoint waits for the one before. */
const ATTEMPT_DELAY_MS = 250

export interface RaceOptions {
  readonly dial: Dial
  readonly clock: Pick<Clock, 'setTimer'>
  readonly signal: AbortSignal
}

export interface RaceResult {
  readonly stream: ByteStream
  /** The endpoints that have not failed, but for the one that won. */
  readonly rest: readonly SocketEndpoint[]
}

/**
 * Dials endpoints one after the other, the next one as soon as one has failed or 250 ms have passed; the first that answers
 * wins, and the others are given up (RFC 8305). IPv6 and IPv4 take turns, so that a network without one of them costs
 * little. Throws what the last one failed with, or the signal's reason.
 */
export function raceEndpoints(endpoints: readonly SocketEndpoint[], options: RaceOptions): Promise<RaceResult> {
  const { dial, clock, signal } = options
  const waiting = alternate(endpoints)
  return new Promise((resolve, reject) => {
    // bounded: by the endpoints
    const trying = new Map<SocketEndpoint, AbortController>()
    let timer: Timer | undefined
    let isOver = false

    function end(): void {
      isOver = true
      timer?.cancel()
      signal.removeEventListener('abort', onAbort)
      for (const attempt of trying.values()) attempt.abort()
    }
    function onAbort(): void {
      end()
      reject(signal.reason)
    }

    /** A `dial` that throws, instead of rejecting, has failed like any other; nobody would catch it in a timer. */
    async function attemptDial(endpoint: SocketEndpoint, signal: AbortSignal): Promise<ByteStream> {
      return await dial(endpoint, { signal })
    }

    function startNext(): void {
      timer?.cancel()
      const endpoint = waiting.shift()
      if (endpoint === undefined) return
      const attempt = new AbortController()
      trying.set(endpoint, attempt)
      if (waiting.length > 0) timer = clock.setTimer(ATTEMPT_DELAY_MS, startNext)
      attemptDial(endpoint, attempt.signal).then(
        (stream) => {
          if (isOver) {
            stream.abort()
            return
          }
          trying.delete(endpoint)
          const rest = [...trying.keys(), ...waiting]
          end()
          resolve({ stream, rest })
        },
        (error: unknown) => {
          trying.delete(endpoint)
          if (isOver) return
          if (waiting.length > 0) startNext()
          else if (trying.size === 0) {
            end()
            reject(error)
          }
        },
      )
    }

    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    signal.addEventListener('abort', onAbort, { once: true })
    startNext()
  })
}

/** The families in turn, the first one's first; within a family, the order stays. */
function alternate(endpoints: readonly SocketEndpoint[]): SocketEndpoint[] {
  const isSix = ({ ip }: SocketEndpoint): boolean => ip.includes(':')
  const [first] = endpoints
  if (first === undefined) throw new RangeError('there is no endpoint to dial')
  const same = endpoints.filter((endpoint) => isSix(endpoint) === isSix(first))
  const other = endpoints.filter((endpoint) => isSix(endpoint) !== isSix(first))
  const mixed: SocketEndpoint[] = []
  for (let index = 0; index < Math.max(same.length, other.length); index++) {
    mixed.push(...same.slice(index, index + 1), ...other.slice(index, index + 1))
  }
  return mixed
}
