import type { Metrics } from '@ethwire/io'
import { ProtocolError } from '@ethwire/protocol'
import type { Schema } from '@ethwire/rlp-codec'
import { rangeFault } from './block-range.ts'
import { decodeMessage } from './decode-message.ts'
import type { EthPeerEvents, EthPeerListener } from './eth-peer.ts'
import type { BlockRange } from './messages.ts'
import type { EthVersionDefinition, MessageName } from './versions.ts'
import { createWorkQueue } from './work-queue.ts'

/** Messages that wait for listeners; what comes then is dropped. */
const maxWaiting = 64
const maxWaitingBytes = 4 * 1024 * 1024

/** What the gossip of one peer needs. */
export interface GossipOptions {
  readonly version: EthVersionDefinition
  readonly metrics: Metrics
  /** What Status said. */
  readonly range: BlockRange
  /** Called with what ends the peer. */
  onError(error: unknown): void
}

/** What one peer tells without being asked. */
export interface Gossip {
  readonly range: BlockRange
  on<E extends keyof EthPeerEvents>(event: E, listener: EthPeerListener<E>): () => void
  /** @throws ProtocolError for a message that ends the peer */
  receive(name: MessageName, payload: Uint8Array): void
  close(): void
}

/** Makes the gossip of one peer. */
export function createGossip({ version: { messages }, metrics, range: first, onError }: GossipOptions): Gossip {
  // bounded: what our own side subscribes
  const listeners: { readonly [E in keyof EthPeerEvents]: Set<EthPeerListener<E>> } = {
    transactions: new Set(),
    announcements: new Set(),
    range: new Set(),
  }
  const queue = createWorkQueue({ maxItems: maxWaiting, maxBytes: maxWaitingBytes, onError })
  const dropped = metrics.counter('eth/gossip/dropped')
  let range = first

  /** `read` runs when it is the message's turn: bytes wait cheaper than values. */
  function deliver<E extends keyof EthPeerEvents>(event: E, bytes: number, read: () => EthPeerEvents[E]): void {
    if (listeners[event].size === 0) return
    if (queue.isFull) {
      dropped.add()
      return
    }
    queue.push(bytes, async () => {
      const value = read()
      for (const listener of listeners[event]) {
        try {
          await listener(value)
        } catch (error) {
          throw new ProtocolError('PROTOCOL_HANDLER', `a listener to ${event} threw`, { cause: error })
        }
      }
    })
  }

  function deliverDecoded<E extends keyof EthPeerEvents>(
    event: E,
    name: MessageName,
    schema: Schema<EthPeerEvents[E]>,
    payload: Uint8Array,
  ): void {
    deliver(event, payload.length, () => decodeMessage(name, schema, { payload }))
  }

  return {
    get range() {
      return range
    },
    on(event, listener) {
      listeners[event].add(listener)
      return () => void listeners[event].delete(listener)
    },
    receive(name, payload) {
      switch (name) {
        case 'Transactions':
          return deliverDecoded('transactions', name, messages.Transactions.schema, payload)
        case 'NewPooledTransactionHashes':
          return deliverDecoded('announcements', name, messages.NewPooledTransactionHashes.schema, payload)
        case 'BlockRangeUpdate': {
          const update = decodeMessage(name, messages.BlockRangeUpdate.schema, { payload })
          const fault = rangeFault(update)
          if (fault !== undefined) throw new ProtocolError('PROTOCOL_BREACH', `${name}: ${fault}`)
          range = update
          return deliver('range', payload.length, () => update)
        }
        default:
          throw new ProtocolError('PROTOCOL_INVALID_TYPE', `${name} is no gossip`)
      }
    },
    close: () => queue.close(),
  }
}
