import type { Metrics } from '@ethwire/io'
import { type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import { encode } from '@ethwire/rlp-codec'
import type { ChainReader, TransactionPoolReader } from './chain-reader.ts'
import { decodeMessage } from './decode-message.ts'
import type { Built, EgressBudget } from './egress-budget.ts'
import type { ReadReceipts } from './large-receipts.ts'
import { sendEncoded } from './send-message.ts'
import { type Served, serveBodies, servePooledTransactions, serveReceipts } from './serve-blocks.ts'
import { serveHeaders } from './serve-headers.ts'
import type { EthVersionDefinition, MessageName } from './versions.ts'
import { createWorkBudget } from './work-budget.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'

/** Requests of one peer that wait to be served; then its messages are left unread. */
const maxWaiting = 32
const maxWaitingBytes = 512 * 1024

/** What serving one peer needs. */
export interface ServerOptions {
  readonly connection: ProtocolConnection
  readonly version: EthVersionDefinition
  readonly chain: ChainReader
  readonly transactionPool: TransactionPoolReader | undefined
  readonly metrics: Metrics
  readonly egress: EgressBudget
  readonly readReceipts: ReadReceipts
  /** What this peer may ask for. */
  readonly bytesPerSecond: number
  /** Called with what ends the peer. */
  onError(error: unknown): void
}

/** Serves the requests of one peer, one after the other. */
export interface Server {
  receive(name: MessageName, payload: Uint8Array): void
  /** Resolves when there is room for a request more. */
  room(): Promise<void> | undefined
  close(): void
}

/** Answers one kind of request: takes its bytes, gives those of the answer. */
type Handler = (payload: Uint8Array, maxBytes: number) => Promise<Built>

/** Makes the server of one peer. */
export function createServer(options: ServerOptions): Server {
  const { connection, version, metrics, egress } = options
  const { messages } = version
  const handlers = createHandlers(options)
  const budget = createWorkBudget(connection.clock, options.bytesPerSecond)
  const closing = new AbortController()
  const { signal } = closing
  const queue: WorkQueue = createWorkQueue({
    maxItems: maxWaiting,
    maxBytes: maxWaitingBytes,
    onError: options.onError,
  })

  return {
    receive(name, payload) {
      const handler = handlers[name]
      if (handler === undefined) throw new ProtocolError('PROTOCOL_INVALID_TYPE', `${name} is no request`)
      queue.push(payload.length, async () => {
        const { answer, serve } = handler
        await egress.answer({
          ...{ budget, clock: connection.clock, signal },
          build: (maxBytes) => serve(payload, maxBytes),
          async send(bytes) {
            metrics.counter(`eth/served/${answer}/bytes`).add(bytes.length)
            await sendEncoded(connection, messages[answer].code, bytes)
          },
        })
      })
    },
    room: () => queue.room(),
    close() {
      queue.close()
      closing.abort(new ProtocolError('PROTOCOL_CLOSED', 'the connection is over'))
    },
  }
}

function createHandlers({
  version: { messages, partialReceipts },
  chain,
  readReceipts,
  transactionPool,
}: ServerOptions): Readonly<Partial<Record<MessageName, { answer: MessageName; serve: Handler }>>> {
  return {
    GetBlockHeaders: {
      answer: 'BlockHeaders',
      async serve(payload, maxBytes) {
        const { requestId, query } = decodeMessage('GetBlockHeaders', messages.GetBlockHeaders.schema, { payload })
        const items = await serveHeaders(chain, query, maxBytes)
        const bytes = encode(messages.BlockHeaders.schema, { requestId, items })
        return { bytes, readBytes: bytes.length }
      },
    },
    GetBlockBodies: {
      answer: 'BlockBodies',
      async serve(payload, maxBytes) {
        const { requestId, hashes } = decodeMessage('GetBlockBodies', messages.GetBlockBodies.schema, { payload })
        const served = await serveBodies(chain, hashes, maxBytes)
        return built(served, ({ items }) => encode(messages.BlockBodies.schema, { requestId, items }))
      },
    },
    GetReceipts: {
      answer: 'Receipts',
      async serve(payload, maxBytes) {
        const request = decodeMessage('GetReceipts', messages.GetReceipts.schema, { payload })
        const served = await serveReceipts(readReceipts, request, partialReceipts, maxBytes)
        const { requestId } = request
        return built(served, (answer) => encode(messages.Receipts.schema, { requestId, ...answer }))
      },
    },
    GetPooledTransactions: {
      answer: 'PooledTransactions',
      async serve(payload, maxBytes) {
        const { schema } = messages.GetPooledTransactions
        const { requestId, hashes } = decodeMessage('GetPooledTransactions', schema, { payload })
        const served = await servePooledTransactions(transactionPool, hashes, maxBytes)
        return built(served, ({ items }) => encode(messages.PooledTransactions.schema, { requestId, items }))
      },
    },
  }
}

function built<T>(served: Served<T>, write: (answer: T) => Uint8Array): Built {
  const { readBytes } = served
  if ('neededBytes' in served) return { neededBytes: served.neededBytes, readBytes }
  return { bytes: write(served.answer), readBytes }
}
