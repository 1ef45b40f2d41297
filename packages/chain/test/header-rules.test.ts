import { describe, expect, test } from 'vitest'
import {
  blobBaseFee,
  type ChainErrorCode,
  decodeHeader,
  gasPerBlob,
  type Header,
  headerHash,
  nextBaseFee,
  nextExcessBlobGas,
  parseGenesis,
  splitBlock,
  type TimeFork,
  verifyHeader,
} from '../src/index.ts'
import { type ChainVectors, expectCode, hex, vectors } from './helpers.ts'

const chain = vectors<ChainVectors>('chain.json')
const { config } = parseGenesis(chain.genesis)
const headers = chain.blocks.map(({ block, hash }) => ({
  header: decodeHeader(splitBlock(hex(block)).header),
  hash: hex(hash),
}))

/** The block with this number and its parent. */
function pair(number: number): [Header, { header: Header; hash: Uint8Array }] {
  const [parent, child] = [headers[number - 2], headers[number - 1]]
  if (parent === undefined || child === undefined) throw new Error('the vectors are too short')
  return [child.header, parent]
}

describe('a header after the merge', () => {
  const [amsterdam, parent] = pair(20)
  const zero = new Uint8Array(32)

  test.each<[string, Partial<Header>, ChainErrorCode]>([
    ['another parent', { parentHash: zero }, 'CHAIN_PARENT_HASH'],
    ['a number that does not follow', { number: 21n }, 'CHAIN_NUMBER'],
    ["its parent's time", { timestamp: parent.header.timestamp }, 'CHAIN_TIMESTAMP'],
    ['33 bytes of extra data', { extraData: new Uint8Array(33) }, 'CHAIN_EXTRA_DATA'],
    ['a nonce', { nonce: hex('0000000000000001') }, 'CHAIN_NONCE'],
    ['ommers', { ommersHash: zero }, 'CHAIN_OMMERS_HASH'],
    ['more gas used than its limit', { gasUsed: amsterdam.gasLimit + 1n }, 'CHAIN_GAS_USED'],
    [
      'a gas limit that rises too far',
      { gasLimit: parent.header.gasLimit + parent.header.gasLimit / 1024n },
      'CHAIN_GAS_LIMIT',
    ],
    [
      'a gas limit that falls too far',
      { gasLimit: parent.header.gasLimit - parent.header.gasLimit / 1024n },
      'CHAIN_GAS_LIMIT',
    ],
    ['another base fee', { baseFeePerGas: 7n }, 'CHAIN_BASE_FEE'],
    ['no base fee', { baseFeePerGas: undefined }, 'CHAIN_FORK_FIELD'],
    ['no withdrawals root', { withdrawalsRoot: undefined }, 'CHAIN_FORK_FIELD'],
    ['no blob gas', { blobGasUsed: undefined }, 'CHAIN_FORK_FIELD'],
    ['no excess blob gas', { excessBlobGas: undefined }, 'CHAIN_FORK_FIELD'],
    ['no beacon root', { parentBeaconBlockRoot: undefined }, 'CHAIN_FORK_FIELD'],
    ['no requests hash', { requestsHash: undefined }, 'CHAIN_FORK_FIELD'],
    ['no access list hash', { blockAccessListHash: undefined }, 'CHAIN_FORK_FIELD'],
    ['no slot number', { slotNumber: undefined }, 'CHAIN_FORK_FIELD'],
    ['half a blob', { blobGasUsed: gasPerBlob / 2n }, 'CHAIN_BLOB_GAS'],
    ['more blobs than allowed', { blobGasUsed: 22n * gasPerBlob }, 'CHAIN_BLOB_GAS'],
    ['another excess of blob gas', { excessBlobGas: (amsterdam.excessBlobGas ?? 0n) + 1n }, 'CHAIN_BLOB_GAS'],
    ['difficulty again', { difficulty: 1n }, 'CHAIN_DIFFICULTY'],
  ])('with %s is refused', (_, change, code) => {
    verifyHeader(amsterdam, parent, config)
    expectCode(() => verifyHeader({ ...amsterdam, ...change }, parent, config), code)
  })

  const noBlobs = { blobGasUsed: undefined, excessBlobGas: undefined, parentBeaconBlockRoot: undefined }

  test.each<[string, TimeFork, Partial<Header>]>([
    ['withdrawalsRoot', 'shanghai', {}],
    ['blobGasUsed', 'cancun', { ...noBlobs, blobGasUsed: 0n }],
    ['excessBlobGas', 'cancun', { ...noBlobs, excessBlobGas: 0n }],
    ['parentBeaconBlockRoot', 'cancun', { ...noBlobs, parentBeaconBlockRoot: zero }],
    ['requestsHash', 'prague', {}],
    ['blockAccessListHash', 'amsterdam', { slotNumber: undefined }],
    ['slotNumber', 'amsterdam', { blockAccessListHash: undefined }],
  ])('with %s before %s is refused', (_, fork, change) => {
    const { [fork]: _later, ...timeForks } = config.timeForks
    expectCode(() => verifyHeader({ ...amsterdam, ...change }, parent, { ...config, timeForks }), 'CHAIN_FORK_FIELD')
  })

  test('needs a blob schedule from Cancun on', () => {
    expectCode(() => verifyHeader(amsterdam, parent, { ...config, blobSchedule: {} }), 'CHAIN_CONFIG')
  })

  test('may double the gas limit and must have the first base fee where London begins', () => {
    const [header, before] = pair(2)
    const late = { ...config, blockForks: { ...config.blockForks, london: 2n } }
    const grown = { ...header, gasLimit: before.header.gasLimit * 2n, baseFeePerGas: 1_000_000_000n }
    verifyHeader(grown, before, late)
    expectCode(() => verifyHeader({ ...grown, gasLimit: before.header.gasLimit }, before, late), 'CHAIN_GAS_LIMIT')
  })
})

describe('a header before the merge', () => {
  const [header, before] = pair(2)
  const old = { header: { ...before.header, difficulty: 5n }, hash: before.hash }

  test('is checked for its parent and number only', () => {
    verifyHeader({ ...header, difficulty: 4n, gasLimit: 1n, extraData: new Uint8Array(97) }, old, config)
    expectCode(() => verifyHeader({ ...header, difficulty: 4n, number: 9n }, old, config), 'CHAIN_NUMBER')
  })

  test('may be followed by one after it', () => {
    verifyHeader(header, old, config)
  })
})

describe('fees', () => {
  const [, { header: base }] = pair(3)
  // EIP-1559's own rule, by hand: target is half the limit, a full block adds an eighth.
  test.each([
    [1000n, 20_000_000n, 10_000_000n, 1000n],
    [1000n, 20_000_000n, 20_000_000n, 1125n],
    [1000n, 20_000_000n, 0n, 875n],
    [7n, 20_000_000n, 10_000_001n, 8n],
    [0n, 20_000_000n, 0n, 0n],
    [7n, 1n, 1n, 7n],
  ])('base fee %d, limit %d, used %d: the next is %d', (baseFeePerGas, gasLimit, gasUsed, expected) => {
    expect(nextBaseFee({ ...base, baseFeePerGas, gasLimit, gasUsed }, config)).toBe(expected)
  })

  // e^x by EIP-4844's series: 1 at no excess, e at one update fraction.
  test.each([
    [0n, 1n],
    [3_338_477n, 2n],
    [33_384_770n, 22_026n],
  ])('the blob fee at an excess of %d is %d', (excess, fee) => {
    expect(blobBaseFee(excess, 3_338_477n)).toBe(fee)
  })

  test('an absurd excess of blob gas is cut off where the fee no longer fits 256 bits', () => {
    // Without the cut the series has millions of terms, each of millions of digits: the test would not end.
    expect(blobBaseFee((1n << 64n) - 1n, 3_338_477n)).toBeGreaterThanOrEqual(1n << 256n)
  })

  test('excess blob gas falls by the target, and from Osaka on by less while blobs are cheaper than their gas', () => {
    const target = 6n * gasPerBlob
    const parent = { ...base, excessBlobGas: target, blobGasUsed: target, baseFeePerGas: 1_000_000_000n }
    const prague = { number: 10n, timestamp: 60n }
    const osaka = { number: 10n, timestamp: 80n }
    expect(nextExcessBlobGas(parent, config, prague)).toBe(target)
    expect(nextExcessBlobGas(parent, config, osaka)).toBe(target + (target * 3n) / 9n)
    expect(nextExcessBlobGas({ ...parent, baseFeePerGas: 1n }, config, osaka)).toBe(target)
    expect(nextExcessBlobGas({ ...parent, excessBlobGas: 0n, blobGasUsed: 0n }, config, osaka)).toBe(0n)
    expect(nextExcessBlobGas(parent, config, { number: 1n, timestamp: 10n })).toBeUndefined()
  })
})

test('a header that is not one is refused', () => {
  for (const bytes of ['', 'c0', '80', 'f8']) expectCode(() => decodeHeader(hex(bytes)), 'CHAIN_RLP')
  expect(headerHash(new Uint8Array(0))).toHaveLength(32)
})
