import type { Hasher } from '@ethwire/chain'
import type { Metrics } from '@ethwire/io'
import { type Message, ProtocolError } from '@ethwire/protocol'
import type { ChainReader, TransactionPoolReader } from './chain-reader.ts'
import type { EgressBudget } from './egress-budget.ts'
import type { EthPeer } from './eth-peer.ts'
import { createGossip, type Gossip } from './gossip.ts'
import type { HandshakeOptions, Statuses } from './handshake.ts'
import type { ReadReceipts } from './large-receipts.ts'
import { maxAnnouncements } from './messages.ts'
import { createRangeAnnouncer } from './range-announcer.ts'
import { createRequests, type Requests } from './requests.ts'
import { sendMessage } from './send-message.ts'
import { createServer, type Server } from './server.ts'
import { type EthVersionDefinition, messagesByCode } from './versions.ts'

/** What a session with one peer needs, after the exchange of Status. */
export interface SessionOptions extends Pick<HandshakeOptions, 'connection' | 'messages' | 'version'> {
  readonly statuses: Statuses
  readonly chain: ChainReader
  readonly transactionPool: TransactionPoolReader | undefined
  readonly requestTimeoutMs: number
  readonly crypto: Hasher
  readonly metrics: Metrics
  /** Of all peers together. */
  readonly egress: EgressBudget
  readonly readReceipts: ReadReceipts
  /** What this peer may ask for. */
  readonly bytesPerSecond: number
  onPeer(peer: EthPeer): void | Promise<void>
}

/** The parts of a session that messages go to. */
interface Parts {
  readonly requests: Requests
  readonly server: Server
  readonly gossip: Gossip
}

/** Speaks with a peer until the connection ends, or throws what ends it. */
export async function runSession(options: SessionOptions): Promise<void> {
  const { connection, version, statuses, chain, metrics, crypto, messages } = options
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const onError = (error: unknown): void => failed.reject(error)
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>()

  const requests = createRequests({ connection, version, crypto, metrics, timeoutMs: options.requestTimeoutMs })
  const server = createServer({ ...options, onError })
  const gossip = createGossip({ version, metrics, range: statuses.remote, onError })
  const peer = createPeer({ connection, version, statuses, requests, gossip, closed })
  const announcer = createRangeAnnouncer({
    chain,
    announced: statuses.local,
    send: (range) => peer.sendBlockRange(range),
  })
  try {
    // Beside the reading, since its own requests are answered by what is read.
    const running = (async () => options.onPeer(peer))()
    running.catch((error: unknown) => onError(handlerFailure(error)))
    await Promise.race([readMessages(messages, version, { requests, server, gossip }), failed.promise])
  } finally {
    announcer.close()
    gossip.close()
    server.close()
    requests.close(new ProtocolError('PROTOCOL_CLOSED', 'the connection is over'))
    resolveClosed()
  }
}

function handlerFailure(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('PROTOCOL_HANDLER', 'onPeer threw', { cause: error })
}

async function readMessages(
  messages: AsyncIterator<Message>,
  version: EthVersionDefinition,
  parts: Parts,
): Promise<void> {
  const byCode = messagesByCode(version)
  for (;;) {
    await parts.server.room()
    const { value: message, done } = await messages.next()
    if (done) return
    const entry = byCode.get(message.code)
    if (entry === undefined) throw unknownCode(message.code, version)
    const { name, definition } = entry
    if (message.oversizedBytes !== undefined) {
      parts.requests.receiveOversized(name, message.oversizedBytes)
      continue
    }
    switch (definition.role) {
      case 'response':
        parts.requests.receive(name, message.payload)
        break
      case 'request':
        parts.server.receive(name, message.payload)
        break
      case 'gossip':
        parts.gossip.receive(name, message.payload)
        break
      case 'status':
        throw new ProtocolError('PROTOCOL_INVALID_TYPE', 'a second Status')
    }
  }
}

function unknownCode(code: number, { retired }: EthVersionDefinition): ProtocolError {
  const retiredName = Object.entries(retired).find(([, retiredCode]) => retiredCode === code)?.[0]
  if (retiredName === undefined) return new ProtocolError('PROTOCOL_INVALID_CODE', `no message has code ${code}`)
  return new ProtocolError('PROTOCOL_BREACH', `${retiredName} is not in this version of eth`)
}

interface PeerParts extends Pick<SessionOptions, 'connection' | 'version' | 'statuses'> {
  readonly requests: Requests
  readonly gossip: Gossip
  readonly closed: Promise<void>
}

function createPeer({ connection, version, statuses, requests, gossip, closed }: PeerParts): EthPeer {
  const { messages } = version
  return {
    id: connection.peer.id,
    remote: connection.peer,
    version: connection.version,
    status: statuses.remote,
    get range() {
      return gossip.range
    },
    get pendingRequests() {
      return requests.pendingCount
    },
    getBlockHeaders: requests.getBlockHeaders,
    getBlockBodies: requests.getBlockBodies,
    getReceipts: requests.getReceipts,
    getPooledTransactions: requests.getPooledTransactions,
    sendTransactions: (transactions, { signal } = {}) =>
      sendMessage(connection, messages.Transactions, transactions, signal),
    async announceTransactions(announcements, { signal } = {}) {
      if (announcements.length > maxAnnouncements) {
        throw new RangeError(`expected at most ${maxAnnouncements} announcements, got ${announcements.length}`)
      }
      await sendMessage(connection, messages.NewPooledTransactionHashes, announcements, signal)
    },
    sendBlockRange: (range, { signal } = {}) => sendMessage(connection, messages.BlockRangeUpdate, range, signal),
    on: gossip.on,
    disconnect: (reason) => connection.disconnect(reason),
    closed,
  }
}
