import type { BlockRange, EthRequestOptions, HeadersQuery, ReceivedHeader } from '@ethwire/eth-peer'
import { type Clock, sleep } from '@ethwire/io'
import { ProtocolError } from '@ethwire/protocol'
import type { SyncPeer } from '../src/peer-set.ts'
import { hex, type TestBlock } from './chain-helper.ts'

export interface FakePeerOptions {
  readonly clock: Clock
  readonly name: string
  readonly chain: readonly TestBlock[]
  readonly version?: number
  readonly latencyMs?: number
  /** The most items in an answer. */
  readonly maxItems?: number
  readonly earliest?: number
  /** What is announced, if not the end of the chain. */
  readonly announce?: TestBlock
  /** Asked for each request: true leaves it without an answer. */
  readonly stalls?: () => boolean
  /** Does not have the bodies and receipts of these. */
  readonly hides?: (block: TestBlock) => boolean
  /** Changes what is answered. */
  readonly changeBody?: (block: TestBlock) => Uint8Array
  readonly changeReceipts?: (block: TestBlock) => Uint8Array
  /** Receipts of these blocks are too large for one message. */
  readonly oversized?: (block: TestBlock) => boolean
}

export interface FakePeer extends SyncPeer {
  /** Ends the connection from the other side. */
  vanish(): void
  /** Follows another chain and says so. */
  follow(chain: readonly TestBlock[], options?: { announce: boolean }): void
  readonly disconnectedWith: number | undefined
  readonly served: { headers: number; bodies: number; receipts: number }
  /** Numbers of the blocks in each request for receipts. */
  readonly receiptRequests: number[][]
}

/** A peer that answers from a chain, one request after the other, as geth does. */
export function createFakePeer(options: FakePeerOptions): FakePeer {
  const { clock, name, latencyMs = 20, maxItems = 1024 } = options
  let { chain } = options
  let byHash = new Map(chain.map((block) => [hex(block.hash), block]))
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const gone = new AbortController()
  const listeners = new Set<(range: BlockRange) => unknown>()
  let disconnectedWith: number | undefined
  let queue: Promise<unknown> = Promise.resolve()
  const served = { headers: 0, bodies: 0, receipts: 0 }
  const receiptRequests: number[][] = []
  const rangeOf = (block: TestBlock): BlockRange => ({
    earliestBlock: BigInt(options.earliest ?? 0),
    latestBlock: BigInt(block.number),
    latestBlockHash: block.hash,
  })
  let range = rangeOf(options.announce ?? (chain.at(-1) as TestBlock))

  const answer = async <T extends object>({ timeoutMs, signal }: EthRequestOptions = {}, make: () => T): Promise<T> => {
    signal?.throwIfAborted()
    const ask = async (): Promise<T | undefined> => {
      await sleep(clock, latencyMs, { signal: gone.signal })
      return options.stalls?.() ? undefined : make()
    }
    const turn = queue.then(ask)
    queue = turn.catch(() => undefined)
    const result = turn.then(
      (value) => value ?? new Promise<never>((_, reject) => gone.signal.addEventListener('abort', reject)),
    )
    result.catch(() => undefined)
    const deadline = new AbortController()
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: deadline.signal })
    })
    const timeout = sleep(clock, timeoutMs ?? 10_000, { signal: deadline.signal }).then(() => {
      throw new ProtocolError('PROTOCOL_TIMEOUT', 'no answer')
    })
    timeout.catch(() => undefined)
    try {
      return await Promise.race([result, timeout, aborted])
    } catch (error) {
      throw gone.signal.aborted ? new ProtocolError('PROTOCOL_CLOSED', 'gone') : error
    } finally {
      deadline.abort(new Error('answered'))
    }
  }

  const findHeaders = ({ start, count, reverse }: HeadersQuery): ReceivedHeader[] => {
    const first = start instanceof Uint8Array ? byHash.get(hex(start))?.number : Number(start)
    if (first === undefined) return []
    const found: ReceivedHeader[] = []
    for (let index = 0; index < Math.min(count, maxItems); index++) {
      const block = chain[reverse ? first - index : first + index]
      if (block === undefined) break
      found.push({ header: block.fields, hash: block.hash, raw: block.header })
    }
    return found
  }

  const find = (hashes: readonly Uint8Array[]): TestBlock[] => {
    const found: TestBlock[] = []
    for (const hash of hashes.slice(0, maxItems)) {
      const block = byHash.get(hex(hash))
      if (block === undefined || options.hides?.(block)) break
      found.push(block)
    }
    return found
  }

  const leave = (): void => {
    gone.abort(new Error('gone'))
    close()
  }

  return {
    id: name,
    version: options.version ?? 70,
    get range() {
      return range
    },
    getBlockHeaders: (query, request) =>
      answer(request, () => {
        const found = findHeaders(query)
        served.headers += found.length
        return found
      }),
    getBlockBodies: (hashes, request) =>
      answer(request, () => {
        const found = find(hashes)
        served.bodies += found.length
        return found.map((block) => options.changeBody?.(block) ?? block.body)
      }),
    getReceipts: (hashes, request) =>
      answer(request, () => {
        const found = find(hashes)
        receiptRequests.push(found.map(({ number }) => number))
        if (options.oversized !== undefined && found.some(options.oversized)) {
          throw new ProtocolError('PROTOCOL_RESPONSE_OVERSIZED', 'too large')
        }
        served.receipts += found.length
        return found.map((block) => options.changeReceipts?.(block) ?? block.receipts)
      }),
    on(type, listener) {
      if (type !== 'range') return () => undefined
      const heard = listener as (range: BlockRange) => unknown
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
    disconnect(reason) {
      disconnectedWith ??= reason
      leave()
    },
    closed,
    vanish: leave,
    follow(next, { announce } = { announce: true }) {
      chain = next
      byHash = new Map([...byHash, ...chain.map((block) => [hex(block.hash), block] as const)])
      if (!announce) return
      range = rangeOf(chain.at(-1) as TestBlock)
      for (const listener of listeners) listener(range)
    },
    get disconnectedWith() {
      return disconnectedWith
    },
    served,
    receiptRequests,
  }
}
