/**
 * The messages of eth by version, without the peer that exchanges them: what is in this packet? No I/O; runs in
 * browsers.
 *
 * @example
 * import { ethVersions, messagesByCode } from '@ethwire/eth-peer/messages'
 * import { decode, encode } from '@ethwire/rlp-codec'
 *
 * const { BlockRangeUpdate } = ethVersions[70].messages
 * const range = { earliestBlock: 0n, latestBlock: 600n, latestBlockHash: new Uint8Array(32) }
 * const payload = encode(BlockRangeUpdate.schema, range)
 *
 * const message = messagesByCode(ethVersions[70]).get(0x11)
 * if (message) console.log(message.name, decode(message.definition.schema, payload))
 *
 * @module
 */
export {
  type Announcement,
  type BlockRange,
  type BlockReference,
  type GetBlockHeaders,
  type GetReceipts,
  type HashesRequest,
  type Identified,
  type ItemsAnswer,
  maxMessageBytes,
  type Receipts,
  type Status,
} from './messages.ts'
export {
  type CodeEntry,
  type EthMessages,
  type EthVersion,
  type EthVersionDefinition,
  ethVersions,
  type MessageDefinition,
  type MessageName,
  type MessageRole,
  messagesByCode,
} from './versions.ts'
