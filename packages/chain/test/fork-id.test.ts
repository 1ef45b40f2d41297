import { decode, encode } from '@ethwire/rlp-codec'
import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, test } from 'vitest'
import {
  type ChainConfig,
  createForkFilter,
  type ForkVerdict,
  forkId,
  forkIdSchema,
  genesisBlock,
  hoodi,
  isActive,
  mainnet,
  type Network,
  parseChainConfig,
  sepolia,
} from '../src/index.ts'
import { hex } from './helpers.ts'

const never = (1n << 64n) - 1n

/** The first place of each fork: block, time, hash, next. Source: EIP-2124, EIP-6122; go-ethereum v1.17.8 core/forkid. */
const creation: readonly (readonly [Network, readonly (readonly [number, number, string, number])[]])[] = [
  [
    mainnet,
    [
      [0, 0, 'fc64ec04', 1_150_000],
      [1_149_999, 0, 'fc64ec04', 1_150_000],
      [1_150_000, 0, '97c2c34c', 1_920_000],
      [1_920_000, 0, '91d1f948', 2_463_000],
      [2_463_000, 0, '7a64da13', 2_675_000],
      [2_675_000, 0, '3edd5b10', 4_370_000],
      [4_370_000, 0, 'a00bc324', 7_280_000],
      [7_279_999, 0, 'a00bc324', 7_280_000],
      [7_280_000, 0, '668db0af', 9_069_000],
      [9_069_000, 0, '879d6e30', 9_200_000],
      [9_200_000, 0, 'e029e991', 12_244_000],
      [12_244_000, 0, '0eb440f6', 12_965_000],
      [12_965_000, 0, 'b715077d', 13_773_000],
      [13_773_000, 0, '20c327fc', 15_050_000],
      [15_050_000, 0, 'f0afd0e3', 1_681_338_455],
      [20_000_000, 1_681_338_454, 'f0afd0e3', 1_681_338_455],
      [20_000_000, 1_681_338_455, 'dce96c2d', 1_710_338_135],
      [30_000_000, 1_710_338_135, '9f3d2254', 1_746_612_311],
      [30_000_000, 1_746_612_311, 'c376cf8b', 1_764_798_551],
      [30_000_000, 1_764_798_551, '5167e2a6', 1_765_290_071],
      [30_000_000, 1_765_290_071, 'cba2a1c0', 1_767_747_671],
      [30_000_000, 1_767_747_671, '07c9462e', 0],
      [50_000_000, 2_000_000_000, '07c9462e', 0],
    ],
  ],
  [
    sepolia,
    [
      [0, 0, 'fe3366e7', 1_735_371],
      [1_735_370, 0, 'fe3366e7', 1_735_371],
      [1_735_371, 0, 'b96cbd13', 1_677_557_088],
      [1_735_372, 1_677_557_088, 'f7f9bc08', 1_706_655_072],
      [1_735_372, 1_706_655_072, '88cf81d9', 1_741_159_776],
      [1_735_372, 1_741_159_776, 'ed88b5fd', 1_760_427_360],
      [1_735_372, 1_760_427_360, 'e2ae4999', 1_761_017_184],
      [1_735_372, 1_761_017_184, '56078a1e', 1_761_607_008],
      [1_735_372, 1_761_607_008, '268956b6', 1_791_294_816],
      [1_735_372, 1_791_294_816, '6c1d9423', 0],
    ],
  ],
  [
    hoodi,
    [
      [0, 0, 'bef71d30', 1_742_999_832],
      [123, 1_742_999_832, '0929e24e', 1_761_677_592],
      [123, 1_761_677_592, 'e7e0e7ff', 1_762_365_720],
      [123, 1_762_365_720, '3893353e', 1_762_955_544],
      [123, 1_762_955_544, '23aa1351', 0],
    ],
  ],
]

describe.each(creation)('the fork ID of $name', (network, cases) => {
  const genesis = genesisBlock(network.genesis)
  test.each(cases)('at block %d and time %d is %s, next %d', (number, timestamp, hash, next) => {
    const id = forkId(network.config, genesis, { number: BigInt(number), timestamp: BigInt(timestamp) })
    expect([bytesToHex(id.hash), id.next]).toEqual([hash, BigInt(next)])
  })
})

const blocksOnly: ChainConfig = { ...mainnet.config, timeForks: {} }

/** Config, head's block and time, remote hash and next, verdict. Sources as above ("Validation rules"). */
const validation: readonly (readonly [string, ChainConfig, number, number, string, bigint, ForkVerdict])[] = [
  ['the same, nothing announced', blocksOnly, 15_050_000, 0, 'f0afd0e3', 0n, 'compatible'],
  ['the same, something far announced', blocksOnly, 15_050_000, 0, 'f0afd0e3', never, 'compatible'],
  ['the same, remote does not know the next fork yet', blocksOnly, 7_279_999, 0, 'a00bc324', 0n, 'compatible'],
  ['the same, remote knows the next fork', blocksOnly, 7_279_999, 0, 'a00bc324', 7_280_000n, 'compatible'],
  ['the same, remote expects another fork', blocksOnly, 7_279_999, 0, 'a00bc324', never, 'compatible'],
  ['remote behind at the fork itself', blocksOnly, 7_280_000, 0, 'a00bc324', 7_280_000n, 'compatible'],
  ['remote behind', blocksOnly, 7_987_396, 0, 'a00bc324', 7_280_000n, 'compatible'],
  ['remote two forks behind', blocksOnly, 7_987_396, 0, '3edd5b10', 4_370_000n, 'compatible'],
  ['remote ahead', blocksOnly, 7_279_999, 0, '668db0af', 0n, 'compatible'],
  ['remote ahead, but not of the fork after', blocksOnly, 4_369_999, 0, 'a00bc324', 0n, 'compatible'],
  ['remote behind without knowing the fork', blocksOnly, 7_987_396, 0, 'a00bc324', 0n, 'remote-stale'],
  ['remote passed a fork unknown here', blocksOnly, 7_987_396, 0, '5cddc0e1', 0n, 'incompatible'],
  ['remote on another chain', blocksOnly, 7_987_396, 0, 'afec6b27', 0n, 'incompatible'],
  ['remote expects a fork that lies behind us', blocksOnly, 88_888_888, 0, 'f0afd0e3', 88_888_888n, 'incompatible'],
  ['remote expects a fork just behind us', blocksOnly, 7_279_999, 0, 'a00bc324', 7_279_999n, 'incompatible'],
  ['before Shanghai, remote unaware of it', mainnet.config, 15_050_000, 0, 'f0afd0e3', 0n, 'compatible'],
  ['before Shanghai, remote aware', mainnet.config, 15_050_000, 0, 'f0afd0e3', 1_681_338_455n, 'compatible'],
  [
    'at Shanghai, remote before it',
    mainnet.config,
    20_000_000,
    1_681_338_455,
    'f0afd0e3',
    1_681_338_455n,
    'compatible',
  ],
  ['at Shanghai, remote two behind', mainnet.config, 20_000_000, 1_681_338_455, '20c327fc', 15_050_000n, 'compatible'],
  ['before Shanghai, remote after it', mainnet.config, 15_050_000, 0, 'dce96c2d', 0n, 'compatible'],
  ['at Shanghai, remote stale', mainnet.config, 20_000_000, 1_681_338_455, 'f0afd0e3', 0n, 'remote-stale'],
  [
    'remote expects a time behind us',
    mainnet.config,
    888_888_888,
    1_660_000_000,
    'f0afd0e3',
    1_660_000_000n,
    'incompatible',
  ],
  [
    'remote expects a time just behind us',
    mainnet.config,
    19_999_999,
    1_667_999_999,
    'f0afd0e3',
    1_667_999_999n,
    'incompatible',
  ],
  ['the same at Shanghai', mainnet.config, 20_000_000, 1_681_338_455, 'dce96c2d', 0n, 'compatible'],
  [
    'the same at Shanghai, something far announced',
    mainnet.config,
    20_000_000,
    1_681_338_455,
    'dce96c2d',
    never,
    'compatible',
  ],
  ['before Cancun, remote at it', mainnet.config, 21_000_000, 1_700_000_000, '9f3d2254', 0n, 'compatible'],
  ['at Cancun, remote stale', mainnet.config, 21_000_000, 1_710_338_135, 'dce96c2d', 0n, 'remote-stale'],
  ['at Shanghai, remote unknown', mainnet.config, 20_000_000, 1_681_338_455, '12345678', 0n, 'incompatible'],
  [
    'far ahead, remote expects a time behind us',
    mainnet.config,
    88_888_888,
    8_888_888_888,
    '07c9462e',
    8_888_888_888n,
    'incompatible',
  ],
]

test.each(validation)('a remote fork ID is judged: %s', (_, config, number, timestamp, hash, next, verdict) => {
  const head = { number: BigInt(number), timestamp: BigInt(timestamp) }
  const filter = createForkFilter(config, genesisBlock(mainnet.genesis), () => head)
  expect(filter({ hash: hex(hash), next })).toBe(verdict)
})

describe('a fork ID', () => {
  // Source: EIP-2124, "Test cases".
  test.each([
    ['00000000', 0n, 'c6840000000080'],
    ['deadbeef', 0xbaddcafen, 'ca84deadbeef84baddcafe'],
    ['ffffffff', never, 'ce84ffffffff88ffffffffffffffff'],
  ])('of %s and %d has its RLP', (hash, next, rlp) => {
    expect(bytesToHex(encode(forkIdSchema, { hash: hex(hash), next }))).toBe(rlp)
    expect(decode(forkIdSchema, hex(rlp))).toEqual({ hash: hex(hash), next })
  })

  test('leaves out forks by time that the genesis has passed already', () => {
    const genesis = { hash: new Uint8Array(32), timestamp: 1000n }
    const at = { number: 0n, timestamp: 1000n }
    const config = (shanghai: bigint, cancun: bigint): ChainConfig => ({
      ...hoodi.config,
      timeForks: { shanghai, cancun },
    })
    const without = forkId({ ...hoodi.config, timeForks: {} }, genesis, at)
    expect(forkId(config(999n, 1001n), genesis, at)).toEqual({ hash: without.hash, next: 1001n })
    expect(forkId(config(1000n, 1001n), genesis, at)).toEqual({ hash: without.hash, next: 1001n })
    expect(forkId(config(1001n, 1002n), genesis, at)).toEqual({ hash: without.hash, next: 1001n })
  })
})

describe('forks', () => {
  const config = parseChainConfig({
    chainId: 1,
    londonBlock: 5,
    constantinopleBlock: 3,
    cancunTime: '0x64',
    byzantiumBlock: 0,
  })

  test('are active from their block or time on, those by time only with London', () => {
    expect(isActive(config, 'byzantium', { number: 0n, timestamp: 0n })).toBe(true)
    expect(isActive(config, 'london', { number: 4n, timestamp: 999n })).toBe(false)
    expect(isActive(config, 'cancun', { number: 4n, timestamp: 100n })).toBe(false)
    expect(isActive(config, 'cancun', { number: 5n, timestamp: 99n })).toBe(false)
    expect(isActive(config, 'cancun', { number: 5n, timestamp: 100n })).toBe(true)
    expect(isActive(config, 'prague', { number: 5n, timestamp: never })).toBe(false)
  })

  test('Petersburg begins with Constantinople if it has no block of its own', () => {
    expect(isActive(config, 'petersburg', { number: 3n, timestamp: 0n })).toBe(true)
    expect(isActive(config, 'petersburg', { number: 2n, timestamp: 0n })).toBe(false)
  })
})
