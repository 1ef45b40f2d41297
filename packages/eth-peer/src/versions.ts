import type { Schema } from '@ethwire/rlp-codec'
import {
  type Announcement,
  announcementsSchema,
  type BlockRange,
  blockRangeSchema,
  type GetBlockHeaders,
  type GetReceipts,
  getBlockHeadersSchema,
  getByHashSchema,
  getPooledSchema,
  getReceiptsFromSchema,
  getWholeReceiptsSchema,
  type HashesRequest,
  type ItemsAnswer,
  itemsSchema,
  maxGossipBytes,
  maxMessageBytes,
  maxRequestBytes,
  partialReceiptsSchema,
  type Receipts,
  type Status,
  statusSchema,
  transactionsSchema,
  wholeReceiptsSchema,
} from './messages.ts'

/** What a message is for. */
export type MessageRole = 'status' | 'gossip' | 'request' | 'response'

/** One message of one version. */
export interface MessageDefinition<T = unknown> {
  readonly code: number
  readonly schema: Schema<T>
  readonly role: MessageRole
}

/** The messages of eth, as values that are the same in each version; how they are written differs. */
export interface EthMessages {
  readonly Status: MessageDefinition<Status>
  readonly Transactions: MessageDefinition<readonly Uint8Array[]>
  readonly GetBlockHeaders: MessageDefinition<GetBlockHeaders>
  readonly BlockHeaders: MessageDefinition<ItemsAnswer>
  readonly GetBlockBodies: MessageDefinition<HashesRequest>
  readonly BlockBodies: MessageDefinition<ItemsAnswer>
  readonly NewPooledTransactionHashes: MessageDefinition<readonly Announcement[]>
  readonly GetPooledTransactions: MessageDefinition<HashesRequest>
  readonly PooledTransactions: MessageDefinition<ItemsAnswer>
  readonly GetReceipts: MessageDefinition<GetReceipts>
  readonly Receipts: MessageDefinition<Receipts>
  readonly BlockRangeUpdate: MessageDefinition<BlockRange>
}

/** One version of eth. */
export interface EthVersionDefinition {
  /** Codes that the version takes. */
  readonly length: number
  readonly messages: EthMessages
  /** Codes that earlier versions had, by their names; to send one is a breach. */
  readonly retired: Readonly<Record<string, number>>
  /** Whether an answer may end in the middle of a block's receipts. */
  readonly partialReceipts: boolean
}

const eth69: EthVersionDefinition = {
  length: 18,
  messages: {
    Status: { code: 0x00, role: 'status', schema: statusSchema },
    Transactions: { code: 0x02, role: 'gossip', schema: transactionsSchema },
    GetBlockHeaders: { code: 0x03, role: 'request', schema: getBlockHeadersSchema },
    BlockHeaders: { code: 0x04, role: 'response', schema: itemsSchema },
    GetBlockBodies: { code: 0x05, role: 'request', schema: getByHashSchema },
    BlockBodies: { code: 0x06, role: 'response', schema: itemsSchema },
    NewPooledTransactionHashes: { code: 0x08, role: 'gossip', schema: announcementsSchema },
    GetPooledTransactions: { code: 0x09, role: 'request', schema: getPooledSchema },
    PooledTransactions: { code: 0x0a, role: 'response', schema: itemsSchema },
    GetReceipts: { code: 0x0f, role: 'request', schema: getWholeReceiptsSchema },
    Receipts: { code: 0x10, role: 'response', schema: wholeReceiptsSchema },
    BlockRangeUpdate: { code: 0x11, role: 'gossip', schema: blockRangeSchema },
  },
  retired: { NewBlockHashes: 0x01, NewBlock: 0x07 },
  partialReceipts: false,
}

const eth70: EthVersionDefinition = {
  ...eth69,
  messages: {
    ...eth69.messages,
    GetReceipts: { code: 0x0f, role: 'request', schema: getReceiptsFromSchema },
    Receipts: { code: 0x10, role: 'response', schema: partialReceiptsSchema },
  },
  partialReceipts: true,
}

/** `69` or `70` */
export type EthVersion = 69 | 70

/** The versions of eth that are spoken here, each with its messages: their codes, what they carry, what they are for. */
export const ethVersions: Readonly<Record<EthVersion, EthVersionDefinition>> = { 69: eth69, 70: eth70 }

const maxBytesByRole: Readonly<Record<MessageRole, number>> = {
  status: maxRequestBytes,
  request: maxRequestBytes,
  gossip: maxGossipBytes,
  response: maxMessageBytes,
}

const rolesByCode: ReadonlyMap<number, MessageRole> = new Map(
  (Object.values(eth70.messages) as MessageDefinition[]).map(({ code, role }) => [code, role]),
)

/** The most that a message with this code may have, which is the same in all versions; 0 for codes that no message has. */
export function maxBytesOfCode(code: number): number {
  const role = rolesByCode.get(code)
  return role === undefined ? 0 : maxBytesByRole[role]
}

/** The name of a message. */
export type MessageName = keyof EthMessages

/** What a code of one version stands for. */
export interface CodeEntry {
  readonly name: MessageName
  readonly definition: MessageDefinition
}

/** A version's messages by their codes. */
export function messagesByCode(version: EthVersionDefinition): ReadonlyMap<number, CodeEntry> {
  const entries = Object.entries(version.messages) as [MessageName, MessageDefinition][]
  return new Map(entries.map(([name, definition]) => [definition.code, { name, definition }]))
}
