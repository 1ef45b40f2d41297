import type { Logger } from '@ethwire/io'

/** Of all connections together: some of the longest answers that there may be. */
const maxHeldBytes = 128 * 1024 * 1024

/** What one connection holds. */
export interface RpcShare {
  /** Says how many bytes of calls or of answers are there now; false when the connection has been ended for it. */
  hold(what: 'calls' | 'answers', bytes: number): boolean
  /** It holds nothing any more. Idempotent. */
  close(): void
}

/** Bytes of calls that are not whole or not answered yet, and of answers that are not taken yet. */
export interface RpcMemory {
  /** The share of a connection that `end` ends. */
  share(end: () => void): RpcShare
}

/** Shared by all connections. When they hold too much, the one that holds the most is ended, and so on. */
export function createRpcMemory(logger: Logger, maxBytes: number = maxHeldBytes): RpcMemory {
  interface Holder {
    readonly held: { calls: number; answers: number }
    end(): void
  }
  // bounded: by the connections that servers take
  const holders = new Set<Holder>()
  let heldBytes = 0
  const bytesOf = ({ held }: Holder): number => held.calls + held.answers

  function remove(holder: Holder): void {
    if (holders.delete(holder)) heldBytes -= bytesOf(holder)
  }

  function endLargest(): void {
    let largest: Holder | undefined
    for (const holder of holders) if (largest === undefined || bytesOf(holder) > bytesOf(largest)) largest = holder
    if (largest === undefined) return
    logger.warn({ bytes: bytesOf(largest), of: heldBytes }, 'RPC connections hold too much; the largest is ended')
    remove(largest)
    largest.end()
  }

  return {
    share(end) {
      const holder: Holder = { held: { calls: 0, answers: 0 }, end }
      holders.add(holder)
      return {
        hold(what, bytes) {
          if (!holders.has(holder)) return false
          heldBytes += bytes - holder.held[what]
          holder.held[what] = bytes
          while (heldBytes > maxBytes) endLargest()
          return holders.has(holder)
        },
        close: () => remove(holder),
      }
    },
  }
}
