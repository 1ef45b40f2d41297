import type { Counter, Metrics } from '@ethwire/io'
import type { SharedProtocol } from './capabilities.ts'

/** What one kind of message took of a connection: whole frames, as they were on the wire. */
export interface MessageTraffic {
  readonly protocol: string
  readonly version: number
  /** Within the subprotocol, from 0. */
  readonly code: number
  readonly messagesReceived: number
  readonly bytesReceived: number
  readonly messagesSent: number
  readonly bytesSent: number
}

/** Counts what a peer's subprotocols send and receive. */
export interface Traffic {
  received(protocol: SharedProtocol, code: number, wireBytes: number): void
  sent(protocol: SharedProtocol, code: number, wireBytes: number): void
  /** Those kinds of which there was a message. */
  all(): MessageTraffic[]
}

/** Counts the messages of all peers under geth's names, such as `p2p/ingress/eth/70/0x03` and `…/0x03/packets`. */
export interface TrafficMetrics {
  received(protocol: SharedProtocol, code: number, wireBytes: number): void
  sent(protocol: SharedProtocol, code: number, wireBytes: number): void
}

interface Meter {
  readonly bytes: Counter
  readonly packets: Counter
}

export function createTrafficMetrics(metrics: Metrics): TrafficMetrics {
  const createDirection = (prefix: string): TrafficMetrics['received'] => {
    // bounded: by the versions of this side's subprotocols, each by its message codes
    const meters = new Map<string, Meter[]>()
    return ({ protocol: { name }, version }, code, wireBytes) => {
      const key = `${name}/${version}`
      let ofProtocol = meters.get(key)
      if (ofProtocol === undefined) {
        ofProtocol = []
        meters.set(key, ofProtocol)
      }
      let meter = ofProtocol[code]
      if (meter === undefined) {
        const path = `${prefix}/${key}/0x${code.toString(16).padStart(2, '0')}`
        meter = { bytes: metrics.counter(path), packets: metrics.counter(`${path}/packets`) }
        ofProtocol[code] = meter
      }
      meter.bytes.add(wireBytes)
      meter.packets.add()
    }
  }
  return { received: createDirection('p2p/ingress'), sent: createDirection('p2p/egress') }
}

const COLUMNS = 4

/** Counts one peer's traffic, and adds it to that of all. */
export function createTraffic(shared: readonly SharedProtocol[], metrics: TrafficMetrics): Traffic {
  // bounded: by the message codes of what is shared
  const counts = new Map(shared.map((protocol) => [protocol, new Float64Array(protocol.length * COLUMNS)]))
  const add = (protocol: SharedProtocol, code: number, wireBytes: number, column: 0 | 2): void => {
    const table = counts.get(protocol)
    const cell = code * COLUMNS + column
    if (table === undefined || cell >= table.length) return
    table[cell] = (table[cell] as number) + 1
    table[cell + 1] = (table[cell + 1] as number) + wireBytes
  }
  return {
    received(protocol, code, wireBytes) {
      add(protocol, code, wireBytes, 0)
      metrics.received(protocol, code, wireBytes)
    },
    sent(protocol, code, wireBytes) {
      add(protocol, code, wireBytes, 2)
      metrics.sent(protocol, code, wireBytes)
    },
    all() {
      const kinds: MessageTraffic[] = []
      for (const [{ protocol, version, length }, table] of counts) {
        for (let code = 0; code < length; code++) {
          const row = table.subarray(code * COLUMNS, (code + 1) * COLUMNS)
          const [messagesReceived = 0, bytesReceived = 0, messagesSent = 0, bytesSent = 0] = row
          if (messagesReceived + messagesSent === 0) continue
          kinds.push({
            ...{ protocol: protocol.name, version, code },
            ...{ messagesReceived, bytesReceived, messagesSent, bytesSent },
          })
        }
      }
      return kinds
    },
  }
}
