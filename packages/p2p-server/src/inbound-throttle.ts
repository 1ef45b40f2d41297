import { type IpAddress, isLan, networkKey } from '@ethwire/netutil'

/** geth's: who knocks again sooner is not heard. */
const THROTTLE_MS = 30_000
const MAX_ADDRESSES = 16_384

/** Who may knock again. Times are a monotonic clock's. */
export interface InboundThrottle {
  /** Whether a connection from this address is heard; then the next one from there is not, for 30 s. */
  admits(ip: IpAddress, nowMs: number): boolean
  /** Addresses that are remembered. */
  readonly size: number
}

/**
 * One connection in 30 s from an address of IPv4, or from a /64 of IPv6, all of which one host may have. LAN and loopback
 * are exempt.
 */
export function createInboundThrottle(): InboundThrottle {
  // bounded: MAX_ADDRESSES, then the oldest goes. Insertion order is the order of time.
  const heardMs = new Map<string, number>()
  return {
    get size() {
      return heardMs.size
    },
    admits(ip, nowMs) {
      for (const [key, atMs] of heardMs) {
        if (nowMs - atMs < THROTTLE_MS) break
        heardMs.delete(key)
      }
      if (isLan(ip)) return true
      const key = networkKey(ip)
      if (heardMs.has(key)) return false
      const [oldest] = heardMs.keys()
      if (heardMs.size >= MAX_ADDRESSES && oldest !== undefined) heardMs.delete(oldest)
      heardMs.set(key, nowMs)
      return true
    },
  }
}
