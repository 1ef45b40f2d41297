import type { Metrics } from '@ethwire/io'
import { type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import { encode } from '@ethwire/rlp-codec'
import type { ChainReader, TransactionPoolReader } from './chain-reader.ts'
import { decodeMessage } from './decode-message.ts'
import type { EgressBudget } from './egress-budget.ts'
import { sendEncoded } from './send-message.ts'
import { serveBodies, servePooledTransactions, serveReceipts } from './serve-blocks.ts'
import { serveHeaders } from './serve-headers.ts'
import type { EthVersionDefinition, MessageName } from './versions.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'

/** Requests of one peer that wait to be served; then its messages are left unread. */
const maxWaiting = 32
const maxWaitingBytes = 512 * 1024
/** Who takes an answer within this time reads. */
const promptMs = 1_000

/** What serving one peer needs. */
export interface ServerOptions {
  readonly connection: ProtocolConnection
  readonly version: EthVersionDefinition
  readonly chain: ChainReader
  readonly transactionPool: TransactionPoolReader | undefined
  readonly metrics: Metrics
  readonly egress: EgressBudget
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

/** Answers to one kind of request: takes its bytes, gives those of the answer. */
type Handler = (payload: Uint8Array) => Promise<Uint8Array>

/** Makes the server of one peer. */
export function createServer(options: ServerOptions): Server {
  const { connection, version, metrics, egress } = options
  const { messages } = version
  const handlers = createHandlers(options)
  // Whether the peer took its last answer promptly: unknown is no.
  let isReader = false
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
        await egress.answer(
          isReader,
          () => serve(payload),
          async (bytes) => {
            metrics.counter(`eth/served/${answer}/bytes`).add(bytes.length)
            const startMs = connection.clock.monotonicMs()
            await sendEncoded(connection, messages[answer].code, bytes)
            isReader = connection.clock.monotonicMs() - startMs < promptMs
          },
        )
      })
    },
    room: () => queue.room(),
    close: () => queue.close(),
  }
}

function createHandlers({
  version: { messages, partialReceipts },
  chain,
  transactionPool,
}: ServerOptions): Readonly<Partial<Record<MessageName, { answer: MessageName; serve: Handler }>>> {
  return {
    GetBlockHeaders: {
      answer: 'BlockHeaders',
      async serve(payload) {
        const { requestId, query } = decodeMessage('GetBlockHeaders', messages.GetBlockHeaders.schema, { payload })
        return encode(messages.BlockHeaders.schema, { requestId, items: await serveHeaders(chain, query) })
      },
    },
    GetBlockBodies: {
      answer: 'BlockBodies',
      async serve(payload) {
        const { requestId, hashes } = decodeMessage('GetBlockBodies', messages.GetBlockBodies.schema, { payload })
        return encode(messages.BlockBodies.schema, { requestId, items: await serveBodies(chain, hashes) })
      },
    },
    GetReceipts: {
      answer: 'Receipts',
      async serve(payload) {
        const request = decodeMessage('GetReceipts', messages.GetReceipts.schema, { payload })
        const answer = await serveReceipts(chain, request, partialReceipts)
        return encode(messages.Receipts.schema, { requestId: request.requestId, ...answer })
      },
    },
    GetPooledTransactions: {
      answer: 'PooledTransactions',
      async serve(payload) {
        const { schema } = messages.GetPooledTransactions
        const { requestId, hashes } = decodeMessage('GetPooledTransactions', schema, { payload })
        const items = await servePooledTransactions(transactionPool, hashes)
        return encode(messages.PooledTransactions.schema, { requestId, items })
      },
    },
  }
}
