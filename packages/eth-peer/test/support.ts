import { type ChainConfig, encodeBody, encodeHeader, encodeReceipt, type Header, headerHash } from '@ethwire/chain'
import type { Metrics } from '@ethwire/io'
import type { Message, ProtocolConnection } from '@ethwire/protocol'
import { encodeBytes, encodeList } from '@ethwire/rlp-codec'
import { createVirtualClock, type MessagePipeEnd, messagePipe, type VirtualClock } from '@ethwire/testing'
import { type ChainReader, type EthOptions, type EthPeer, eth } from '../src/index.ts'

export const config: ChainConfig = {
  chainId: 1337n,
  blockForks: { homestead: 0n, london: 0n },
  timeForks: { shanghai: 0n, cancun: 1_000n },
  blobSchedule: {},
}

export interface TestBlock {
  readonly number: number
  readonly hash: Uint8Array
  readonly header: Uint8Array
  readonly body: Uint8Array
  readonly receipts: Uint8Array
}

export interface TestChainOptions {
  /** Of block `number`; a body without transactions unless given. */
  body?: (number: number) => Uint8Array
  receipts?: (number: number) => Uint8Array
  /** Tells two chains apart. */
  salt?: number
}

/** A chain in memory, with side blocks if some are added. */
export interface TestChain extends ChainReader {
  readonly blocks: TestBlock[]
  readonly genesis: { hash: Uint8Array; timestamp: bigint }
  addSide(block: TestBlock): void
  grow(count: number): void
  /** Calls of all methods that read. */
  reads: number
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function testHeader(number: number, parentHash: Uint8Array, salt = 0): Uint8Array {
  const header: Header = {
    parentHash,
    ommersHash: new Uint8Array(32).fill(1),
    coinbase: new Uint8Array(20).fill(salt),
    stateRoot: new Uint8Array(32).fill(2),
    transactionsRoot: new Uint8Array(32).fill(3),
    receiptsRoot: new Uint8Array(32).fill(4),
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number: BigInt(number),
    gasLimit: 30_000_000n,
    gasUsed: 21_000n,
    timestamp: BigInt(number * 10),
    extraData: new Uint8Array(0),
    mixHash: new Uint8Array(32),
    nonce: new Uint8Array(8),
    baseFeePerGas: 7n,
    withdrawalsRoot: new Uint8Array(32).fill(5),
  }
  return encodeHeader(header)
}

const emptyBody: Uint8Array = encodeBody({ transactions: [], ommers: Uint8Array.of(0xc0), withdrawals: [] })

export function testReceipt(cumulativeGasUsed: number, dataBytes = 0): Uint8Array {
  const address = new Uint8Array(20)
  const logs = dataBytes === 0 ? [] : [{ address, topics: [], data: new Uint8Array(dataBytes).fill(0xaa) }]
  return encodeReceipt({ type: 2, status: 1, cumulativeGasUsed: BigInt(cumulativeGasUsed), logs })
}

export function testBlock(number: number, parentHash: Uint8Array, options: TestChainOptions = {}): TestBlock {
  const header = testHeader(number, parentHash, options.salt)
  const body = options.body?.(number) ?? emptyBody
  const receipts = options.receipts?.(number) ?? encodeList([testReceipt(21_000 + number)])
  return { number, hash: headerHash(header), header, body, receipts }
}

export function createTestChain(length: number, options: TestChainOptions = {}): TestChain {
  const blocks: TestBlock[] = []
  const byHash = new Map<string, TestBlock>()
  const listeners = new Set<() => void>()
  const grow = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const parent = blocks.at(-1)?.hash ?? new Uint8Array(32)
      const block = testBlock(blocks.length, parent, options)
      blocks.push(block)
      byHash.set(hexOf(block.hash), block)
    }
    for (const listener of listeners) listener()
  }
  grow(length)
  const last = (): TestBlock => blocks.at(-1) as TestBlock
  const find = (hash: Uint8Array): TestBlock | undefined => byHash.get(hexOf(hash))
  const chain: TestChain = {
    blocks,
    reads: 0,
    genesis: { hash: (blocks[0] as TestBlock).hash, timestamp: 0n },
    grow,
    addSide: (block) => void byHash.set(hexOf(block.hash), block),
    head: () => ({ number: last().number, hash: last().hash, timestamp: BigInt(last().number * 10) }),
    earliest: () => 0,
    async hashByNumber(number) {
      chain.reads++
      return blocks[number]?.hash
    },
    async headerByHash(hash) {
      chain.reads++
      return find(hash)?.header
    },
    async headerRange(from, count, step) {
      chain.reads++
      const headers: Uint8Array[] = []
      for (let i = 0; i < count; i++) {
        const block = blocks[from + i * step]
        if (block === undefined) break
        headers.push(block.header)
      }
      return headers
    },
    async bodies(hashes) {
      chain.reads++
      return hashes.map((hash) => find(hash)?.body)
    },
    async receipts(hashes) {
      chain.reads++
      return hashes.map((hash) => find(hash)?.receipts)
    },
    onHead(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return chain
}

export const limit: number = 10 * 1024 * 1024

/** As a server does it: what is over the limit is reported instead of delivered. */
function reportOversized(end: MessagePipeEnd): ProtocolConnection {
  async function* messages(): AsyncGenerator<Message> {
    for await (const { code, payload } of end.messages) {
      if (payload.length <= limit) yield { code, payload }
      else yield { code, payload: new Uint8Array(0), oversizedBytes: payload.length }
    }
  }
  return {
    peer: end.peer,
    version: end.version,
    clock: end.clock,
    send: end.send,
    disconnect: (reason) => end.disconnect(reason),
    messages: messages(),
  }
}

/** Counts by name. */
export function createTestMetrics(): Metrics & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>()
  return {
    counts,
    counter: (name) => ({ add: (amount = 1) => void counts.set(name, (counts.get(name) ?? 0) + amount) }),
    gauge: () => ({ set: () => undefined }),
    histogram: () => ({ observe: () => undefined }),
  }
}

export interface Side {
  readonly end: MessagePipeEnd
  /** Resolves with what `run` threw, or undefined. */
  readonly ended: Promise<unknown>
  readonly peer: Promise<EthPeer>
}

/** Runs eth on one end of a pipe; throwing ends the pipe, as a server would. */
export function runSide(end: MessagePipeEnd, options: Partial<EthOptions> & { chain: TestChain }): Side {
  const peer = Promise.withResolvers<EthPeer>()
  peer.promise.catch(() => undefined)
  const protocol = eth({
    network: 1337,
    config,
    genesis: options.chain.genesis,
    ...options,
    onPeer: (it) => {
      peer.resolve(it)
      return options.onPeer?.(it)
    },
  })
  const ended = protocol.run(reportOversized(end)).then(
    () => undefined,
    (error: unknown) => {
      peer.reject(error)
      end.disconnect((error as { reason?: number }).reason ?? 0)
      return error
    },
  )
  return { end, ended, peer: peer.promise }
}

export interface Pair {
  readonly clock: VirtualClock
  readonly client: EthPeer
  readonly server: EthPeer
  readonly sides: readonly [Side, Side]
}

/** Two of ours; the first has the first chain. */
export async function connectPair(
  version: number,
  first: Partial<EthOptions> & { chain: TestChain },
  second: Partial<EthOptions> & { chain: TestChain } = first,
): Promise<Pair> {
  const clock = createVirtualClock()
  const ends = messagePipe({ version, clock })
  const sides = [runSide(ends[0], first), runSide(ends[1], second)] as const
  const [client, server] = await Promise.all([sides[0].peer, sides[1].peer])
  return { clock, client, server, sides }
}

/** A transaction as it stands in a list, of about a size. */
export const testTransaction = (size: number, fill = 1): Uint8Array =>
  encodeBytes(Uint8Array.of(2, ...new Uint8Array(8).fill(fill), ...new Uint8Array(Math.max(0, size - 9))))
