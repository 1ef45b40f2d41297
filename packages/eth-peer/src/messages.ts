import { type ForkId, forkIdSchema } from '@ethwire/chain'
import { bool, bytes, convert, fixedBytes, list, raw, type Schema, struct, u32, u64 } from '@ethwire/rlp-codec'

/** No message is larger (Ethereum Wire Protocol, "Basic Operation"; geth's `maxMessageSize`). */
export const maxMessageBytes: number = 10 * 1024 * 1024
/** Of what is asked and told without being asked: 4,096 hashes are 136 KB, and geth sends no more than some 100 KB of gossip. */
export const maxRequestBytes: number = 256 * 1024
export const maxGossipBytes: number = 1024 * 1024
/** Items in an answer, and hashes in a request of ours. */
export const maxItems = 1024
/** Hashes in a request of a peer's. geth looks up no more of them for bodies and receipts. */
const maxLookups = 2048
const maxPooledLookups = 4096
/** More in one message is a breach, as in geth. */
const maxTransactions = 5000
/** What we send, and what we read of one message, in transactions announced. */
export const maxAnnouncements = 4096
const maxAnnouncementsOfPeer = 16_384

const hash = fixedBytes(32)

/** The blocks that a node has: headers, bodies and receipts from `earliestBlock` to `latestBlock`. */
export interface BlockRange {
  readonly earliestBlock: bigint
  readonly latestBlock: bigint
  /** 32 bytes. */
  readonly latestBlockHash: Uint8Array
}

/** The first message of both sides, since eth/69 (EIP-7642). */
export interface Status extends BlockRange {
  readonly version: number
  readonly networkId: bigint
  /** 32 bytes. */
  readonly genesis: Uint8Array
  readonly forkId: ForkId
}

const range = { earliestBlock: u64, latestBlock: u64, latestBlockHash: hash }

export const statusSchema: Schema<Status> = struct({
  version: u32,
  networkId: u64,
  genesis: hash,
  forkId: forkIdSchema,
  ...range,
})

export const blockRangeSchema: Schema<BlockRange> = struct(range)

/** What every request and answer begins with (EIP-2481). */
export interface Identified {
  readonly requestId: bigint
}

/** A block by its number or by its hash. */
export type BlockReference = bigint | Uint8Array

export interface GetBlockHeaders extends Identified {
  readonly query: {
    readonly start: BlockReference
    readonly count: bigint
    readonly skip: bigint
    readonly reverse: boolean
  }
}

// Both are byte strings; 32 bytes are a hash, up to 8 a number, as geth tells them apart.
const blockReference: Schema<BlockReference> = {
  expects: 'a block number or hash',
  read(input) {
    const { position } = input
    input.nextBytes('a block number or hash')
    if (input.payloadEnd - input.payloadStart === 32) return input.payload()
    input.position = position
    return u64.read(input)
  },
  toItem: (value) => (typeof value === 'bigint' ? u64.toItem(value) : hash.toItem(value)),
}

export const getBlockHeadersSchema: Schema<GetBlockHeaders> = struct({
  requestId: u64,
  query: struct({ start: blockReference, count: u64, skip: u64, reverse: bool }),
})

/** A request that lists hashes: of blocks, or of transactions. */
export interface HashesRequest extends Identified {
  readonly hashes: readonly Uint8Array[]
}

/** An answer that lists items, which are not looked into. */
export interface ItemsAnswer extends Identified {
  readonly items: readonly Uint8Array[]
}

const item = raw(maxMessageBytes)

export const getByHashSchema: Schema<HashesRequest> = struct({
  requestId: u64,
  hashes: list(hash, maxLookups),
}) as Schema<HashesRequest>

export const getPooledSchema: Schema<HashesRequest> = struct({
  requestId: u64,
  hashes: list(hash, maxPooledLookups),
}) as Schema<HashesRequest>

export const itemsSchema: Schema<ItemsAnswer> = struct({
  requestId: u64,
  items: list(item, maxItems),
}) as Schema<ItemsAnswer>

/** A request for receipts; of the first block, only those from an index on are wanted. */
export interface GetReceipts extends HashesRequest {
  /** Only since eth/70 other than 0. */
  readonly firstBlockReceiptIndex: bigint
}

/** Receipt lists of blocks. */
export interface Receipts extends ItemsAnswer {
  /** Whether the last list is cut short. Only since eth/70. */
  readonly lastBlockIncomplete: boolean
}

export const getWholeReceiptsSchema: Schema<GetReceipts> = convert(getByHashSchema, {
  read: (request) => ({ ...request, firstBlockReceiptIndex: 0n }),
  write: ({ requestId, hashes }) => ({ requestId, hashes }),
})

export const wholeReceiptsSchema: Schema<Receipts> = convert(itemsSchema, {
  read: (answer) => ({ ...answer, lastBlockIncomplete: false }),
  write: ({ requestId, items }) => ({ requestId, items }),
})

export const getReceiptsFromSchema: Schema<GetReceipts> = struct({
  requestId: u64,
  firstBlockReceiptIndex: u64,
  hashes: list(hash, maxLookups),
}) as Schema<GetReceipts>

export const partialReceiptsSchema: Schema<Receipts> = struct({
  requestId: u64,
  lastBlockIncomplete: bool,
  items: list(item, maxItems),
}) as Schema<Receipts>

export const transactionsSchema: Schema<readonly Uint8Array[]> = list(item, maxTransactions) as Schema<
  readonly Uint8Array[]
>

/** A transaction that a node has (EIP-5793). */
export interface Announcement {
  /** EIP-2718. */
  readonly type: number
  /** Bytes of its envelope. */
  readonly size: number
  /** 32 bytes. */
  readonly hash: Uint8Array
}

interface AnnouncementColumns {
  readonly types: Uint8Array
  readonly sizes: readonly number[]
  readonly hashes: readonly Uint8Array[]
}

const announcementColumns = struct({
  types: bytes(maxAnnouncementsOfPeer),
  sizes: list(u32, maxAnnouncementsOfPeer),
  hashes: list(hash, maxAnnouncementsOfPeer),
}) as Schema<AnnouncementColumns>

/** Three columns on the wire, rows here. Unequal columns are malformed; rows beyond the 4,096th are left out. */
export const announcementsSchema: Schema<readonly Announcement[]> = convert(announcementColumns, {
  read: ({ types, sizes, hashes }): readonly Announcement[] => {
    if (types.length !== hashes.length || sizes.length !== hashes.length) {
      throw new RangeError(`${types.length} types, ${sizes.length} sizes and ${hashes.length} hashes`)
    }
    return hashes
      .slice(0, maxAnnouncements)
      .map((hash, index) => ({ hash, type: types[index] as number, size: sizes[index] as number }))
  },
  write: (rows) => ({
    types: Uint8Array.from(rows, ({ type }) => type),
    sizes: rows.map(({ size }) => size),
    hashes: rows.map(({ hash }) => hash),
  }),
})
