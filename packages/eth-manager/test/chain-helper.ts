import {
  type ChainConfig,
  decodeHeader,
  emptyListHash,
  emptyRoot,
  encodeBody,
  encodeHeader,
  encodeReceipt,
  encodeWithdrawal,
  type Genesis,
  genesisBlock,
  type Header,
  nextBaseFee,
  receiptsRoot,
  transactionItem,
  transactionsRoot,
  withdrawalsRoot,
} from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { encodeList } from '@ethwire/rlp-codec'

export interface TestBlock {
  readonly number: number
  readonly hash: Uint8Array
  readonly header: Uint8Array
  readonly body: Uint8Array
  readonly receipts: Uint8Array
  readonly fields: Header
}

export const config: ChainConfig = {
  chainId: 1337n,
  blockForks: { homestead: 0n, eip150: 0n, eip155: 0n, eip158: 0n, byzantium: 0n, london: 0n },
  timeForks: { shanghai: 0n },
  blobSchedule: {},
  terminalTotalDifficulty: 0n,
}

const genesis: Genesis = {
  config,
  nonce: 0n,
  timestamp: 1_700_000_000n,
  extraData: new Uint8Array(0),
  gasLimit: 30_000_000n,
  difficulty: 0n,
  mixHash: new Uint8Array(32),
  coinbase: new Uint8Array(20),
  alloc: [],
  number: 0n,
  gasUsed: 0n,
  parentHash: new Uint8Array(32),
}

/** Block 0 of every chain here. */
export function testGenesis(): TestBlock {
  const { hash, header, body } = genesisBlock(genesis)
  return { number: 0, hash, header, body, receipts: Uint8Array.of(0xc0), fields: decodeHeader(header) }
}

export interface ChainOptions {
  readonly length: number
  /** Blocks with the same salt are the same. */
  readonly salt?: number
  /** Blocks to build on, from 0. */
  readonly base?: readonly TestBlock[]
  /** Bytes of log data in each receipt. */
  readonly logBytes?: number
}

/** A chain of blocks 0 … length; each third block is empty, the others have two transactions and a withdrawal. */
export function makeChain({ length, salt = 0, base = [testGenesis()], logBytes = 40 }: ChainOptions): TestBlock[] {
  const blocks = [...base]
  while (blocks.length <= length) blocks.push(child(blocks.at(-1) as TestBlock, salt, logBytes))
  return blocks
}

function child(parent: TestBlock, salt: number, logBytes: number): TestBlock {
  const number = parent.number + 1
  const empty = number % 3 === 0
  const envelopes = empty
    ? []
    : [0, 1].map((index) => Uint8Array.of(2, 0xc4, salt, number & 0x7f, (number >> 7) & 0x7f, index))
  const transactions = envelopes.map(transactionItem)
  const withdrawals = empty
    ? []
    : [encodeWithdrawal({ index: BigInt(number), validatorIndex: 1n, address: new Uint8Array(20), amount: 5n })]
  const receipts = envelopes.map((_, index) =>
    encodeReceipt({
      type: 2,
      status: 1,
      cumulativeGasUsed: 1_000_000n * BigInt(index + 1),
      logs: [
        { address: new Uint8Array(20).fill(number & 0xff), topics: [], data: new Uint8Array(logBytes).fill(salt) },
      ],
    }),
  )
  const fields: Header = {
    parentHash: parent.hash,
    ommersHash: emptyListHash,
    coinbase: new Uint8Array(20).fill(salt),
    stateRoot: new Uint8Array(32),
    transactionsRoot: empty ? emptyRoot : transactionsRoot(transactions),
    receiptsRoot: empty ? emptyRoot : receiptsRoot(receipts),
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number: BigInt(number),
    gasLimit: parent.fields.gasLimit,
    gasUsed: empty ? 0n : 2_000_000n,
    timestamp: parent.fields.timestamp + 12n,
    extraData: new Uint8Array(0),
    mixHash: new Uint8Array(32),
    nonce: new Uint8Array(8),
    baseFeePerGas: nextBaseFee(parent.fields, config),
    withdrawalsRoot: empty ? emptyRoot : withdrawalsRoot(withdrawals),
  }
  const header = encodeHeader(fields)
  return {
    number,
    hash: pureCrypto.keccak256(header),
    header,
    body: encodeBody({ transactions, ommers: Uint8Array.of(0xc0), withdrawals }),
    receipts: encodeList(receipts),
    fields,
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
