import type { Hasher } from '@ethwire/chain'
import type { Metrics } from '@ethwire/io'
import { createRequestTable, type PendingRequest, type ProtocolConnection, ProtocolError } from '@ethwire/protocol'
import { Cursor, encode, u64 } from '@ethwire/rlp-codec'
import { decodeFailure, decodeMessage } from './decode-message.ts'
import type { EthPeer, EthRequestOptions, ReceiptsRequestOptions } from './eth-peer.ts'
import { headersQuery, readHeaders } from './headers-answer.ts'
import { type Identified, maxItems } from './messages.ts'
import { createReceiptsCollector, maxRounds, type ReceiptsContinuation } from './receipts-collector.ts'
import { sendEncoded } from './send-message.ts'
import { createSlots } from './slots.ts'
import type { EthVersionDefinition, MessageName } from './versions.ts'

/**
 * Requests that are with the peer at once. Fewer than it queues, if it is one of ours: two sides that both stopped reading
 * because the other does not take the answers would wait for each other.
 */
const maxUnderWay = 16
/** Requests that wait to be sent. */
const maxWaiting = 256
/** Ids that are known, of requests under way and late. */
const maxKnownRequests = 1024

/** What the requests of one peer need. */
export interface RequestsOptions {
  readonly connection: ProtocolConnection
  readonly version: EthVersionDefinition
  readonly timeoutMs: number
  readonly crypto: Hasher
  readonly metrics: Metrics
}

type RequestMethods = Pick<EthPeer, 'getBlockHeaders' | 'getBlockBodies' | 'getReceipts' | 'getPooledTransactions'>

/** Our requests to one peer, and where its answers go. */
export interface Requests extends RequestMethods {
  readonly pendingCount: number
  /**
   * Takes an answer. It is decoded only if it belongs to a request that still waits.
   * @throws ProtocolError for an answer that ends the peer
   */
  receive(name: MessageName, payload: Uint8Array): void
  /**
   * Takes note of an answer over the limit, which was left unread.
   * @throws ProtocolError where such an answer is not to be expected
   */
  receiveOversized(name: MessageName, bytes: number): void
  close(error: ProtocolError): void
}

/** One kind of question: how it is written and what becomes of an answer. */
interface Question<T> {
  readonly ask: MessageName
  readonly answer: MessageName
  readonly rounds: number
  write(requestId: bigint): Uint8Array
  /** The result, or `more` when the same id is asked again with what `write` gives now. */
  read(payload: Uint8Array): { done: T } | 'more'
}

interface Waiting {
  receive(payload: Uint8Array): void
}

/** Makes the requests of one peer. */
export function createRequests(options: RequestsOptions): Requests {
  const { connection, version, crypto, metrics } = options
  const { messages } = version
  const table = createRequestTable({ clock: connection.clock, maxPending: maxKnownRequests })
  const slots = createSlots(maxUnderWay, maxWaiting)
  // Not weak: until a full collection a WeakMap's values live on, and with them, since they know their keys, all answers.
  // bounded: the table's requests that wait
  const readers = new Map<PendingRequest<unknown>, Waiting>()
  // Receipts that the peer still owes us, also past the deadline; oldest first.
  // bounded: maxKnownRequests, the oldest are forgotten
  const owedReceipts: PendingRequest<unknown>[] = []
  const late = metrics.counter('eth/answers/late')
  const oversized = metrics.counter('eth/answers/oversized')

  async function ask<T>(question: Question<T>, requestOptions: EthRequestOptions): Promise<T> {
    const giveBack = await slots.take(requestOptions.signal)
    try {
      return await start(question, requestOptions)
    } finally {
      giveBack()
    }
  }

  function start<T>(question: Question<T>, { timeoutMs = options.timeoutMs, signal }: EthRequestOptions): Promise<T> {
    const { rounds } = question
    const pending = table.open<T>(question.answer, { timeoutMs: timeoutMs * rounds, ...(signal && { signal }) })
    const send = (): void => {
      if (question.answer === 'Receipts') {
        if (owedReceipts.length === maxKnownRequests) owedReceipts.shift()
        owedReceipts.push(pending)
      }
      sendEncoded(connection, messages[question.ask].code, question.write(pending.id), signal).catch((error: Error) =>
        pending.fail(error),
      )
    }
    const setDeadline = () =>
      connection.clock.setTimer(timeoutMs, () =>
        pending.fail(new ProtocolError('PROTOCOL_TIMEOUT', `no answer to ${question.ask} within ${timeoutMs} ms`)),
      )
    // One message has the table's deadline; several in a row have one each.
    let deadline = rounds > 1 ? setDeadline() : undefined
    readers.set(pending, {
      receive(payload) {
        try {
          const result = question.read(payload)
          if (result !== 'more') return pending.resolve(result.done)
        } catch (error) {
          pending.fail(error as Error)
          throw error
        }
        deadline?.cancel()
        deadline = setDeadline()
        send()
      },
    })
    const settled = (): void => {
      deadline?.cancel()
      readers.delete(pending)
    }
    pending.response.then(settled, settled)
    send()
    return pending.response
  }

  /** Requests that list hashes and are answered by a list of items. */
  async function askItems(
    [request, answer]:
      | readonly ['GetBlockBodies', 'BlockBodies']
      | readonly ['GetPooledTransactions', 'PooledTransactions'],
    hashes: readonly Uint8Array[],
    requestOptions: EthRequestOptions,
  ): Promise<Uint8Array[]> {
    checkHashes(hashes)
    if (hashes.length === 0) return []
    return await ask(
      {
        ask: request,
        answer,
        rounds: 1,
        write: (requestId) => encode(messages[request].schema, { requestId, hashes }),
        read: (payload) => {
          const { items } = decodeMessage(answer, messages[answer].schema, { payload })
          checkCount(answer, items, hashes.length)
          return { done: [...items] }
        },
      },
      requestOptions,
    )
  }

  return {
    get pendingCount() {
      return table.pendingCount + slots.waitingCount
    },

    async getBlockHeaders(query, requestOptions = {}) {
      const wireQuery = headersQuery(query)
      return await ask(
        {
          ask: 'GetBlockHeaders',
          answer: 'BlockHeaders',
          rounds: 1,
          write: (requestId) => encode(messages.GetBlockHeaders.schema, { requestId, query: wireQuery }),
          read: (payload) => {
            const { items } = decodeMessage('BlockHeaders', messages.BlockHeaders.schema, { payload })
            checkCount('BlockHeaders', items, query.count)
            return { done: readHeaders(wireQuery, items, crypto) }
          },
        },
        requestOptions,
      )
    },

    async getBlockBodies(hashes, requestOptions = {}) {
      return await askItems(['GetBlockBodies', 'BlockBodies'], hashes, requestOptions)
    },

    async getPooledTransactions(hashes, requestOptions = {}) {
      return await askItems(['GetPooledTransactions', 'PooledTransactions'], hashes, requestOptions)
    },

    async getReceipts(hashes, requestOptions: ReceiptsRequestOptions = {}) {
      checkHashes(hashes)
      const { gasUsed } = requestOptions
      if (gasUsed !== undefined && gasUsed.length !== hashes.length) {
        throw new RangeError(`expected gasUsed of ${hashes.length} blocks, got ${gasUsed.length}`)
      }
      if (hashes.length === 0) return []
      const collector = createReceiptsCollector(hashes, gasUsed)
      let wanted: ReceiptsContinuation = { hashes, firstBlockReceiptIndex: 0n }
      return await ask(
        {
          ask: 'GetReceipts',
          answer: 'Receipts',
          rounds: version.partialReceipts ? maxRounds : 1,
          write: (requestId) => encode(messages.GetReceipts.schema, { requestId, ...wanted }),
          read: (payload) => {
            const answer = decodeMessage('Receipts', messages.Receipts.schema, { payload })
            const result = collector.push(answer)
            if ('done' in result) return result
            wanted = result.next
            return 'more'
          },
        },
        requestOptions,
      )
    },

    receive(name, payload) {
      const pending = table.match(readRequestId(name, payload), name)
      if (name === 'Receipts') forgetOwed(pending)
      if (pending === undefined) return late.add()
      readers.get(pending)?.receive(payload)
    },

    receiveOversized(name, bytes) {
      // Which one it answers can't be read; peers answer in order, so it is the one that waits longest.
      const owed = name === 'Receipts' ? owedReceipts.shift() : undefined
      if (owed === undefined) throw new ProtocolError('PROTOCOL_MESSAGE_TOO_LONG', `${name} has ${bytes} bytes`)
      oversized.add()
      owed.fail(new ProtocolError('PROTOCOL_RESPONSE_OVERSIZED', `an answer of ${bytes} bytes was left unread`))
    },

    close(error) {
      slots.close(error)
      table.close(error)
    },
  }

  function forgetOwed(pending: PendingRequest<unknown> | undefined): void {
    // A late answer's request is not told; it is the oldest one that has been given up.
    const index = pending === undefined ? 0 : owedReceipts.indexOf(pending)
    if (index >= 0) owedReceipts.splice(index, 1)
  }
}

/** The id that a request or an answer begins with; nothing behind it is looked at. */
function readRequestId(name: MessageName, payload: Uint8Array): Identified['requestId'] {
  try {
    const input = new Cursor(payload)
    input.enterList(name)
    return u64.read(input)
  } catch (error) {
    throw decodeFailure(name, error)
  }
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.length > maxItems) throw new RangeError(`expected at most ${maxItems} hashes, got ${hashes.length}`)
  for (const hash of hashes) {
    if (hash.length !== 32) throw new RangeError(`expected hashes of 32 bytes, got ${hash.length}`)
  }
}

function checkCount(name: MessageName, items: readonly Uint8Array[], asked: number): void {
  if (items.length > asked) {
    throw new ProtocolError('PROTOCOL_BREACH', `${name}: ${items.length} items, asked for ${asked}`)
  }
}
