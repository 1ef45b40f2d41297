import { decodeHeader, encodeHeader, genesisBlock, headerHash, hoodi } from '@ethwire/chain'
import { encodeBytes, encodeList } from '@ethwire/rlp-codec'
import { expect } from 'vitest'
import { type ChainHead, ChainStoreError, type ChainStoreErrorCode, type StoredBlock } from '../src/index.ts'

export const genesis: ReturnType<typeof genesisBlock> = genesisBlock(hoodi.genesis)

const genesisFields = decodeHeader(genesis.header)

function timeOf(number: number, branch: number): bigint {
  return genesis.timestamp + BigInt(12 * number + branch)
}

/** Blocks that follow each other; `branch` makes others of the same numbers. */
export function makeBlocks(
  count: number,
  from: { number: number; hash: Uint8Array } = { number: 0, hash: genesis.hash },
  branch = 0,
): StoredBlock[] {
  const blocks: StoredBlock[] = []
  let parentHash = from.hash
  for (let number = from.number + 1; number <= from.number + count; number++) {
    const header = encodeHeader({
      ...genesisFields,
      parentHash,
      number: BigInt(number),
      timestamp: timeOf(number, branch),
    })
    const hash = headerHash(header)
    blocks.push({ number, hash, header, body: marked(0x01, number, branch), receipts: marked(0x02, number, branch) })
    parentHash = hash
  }
  return blocks
}

function marked(kind: number, number: number, branch: number): Uint8Array {
  return encodeList([encodeBytes(Uint8Array.of(kind, branch, number >> 8, number & 0xff))])
}

export async function expectCode(step: Promise<unknown>, code: ChainStoreErrorCode): Promise<void> {
  const caught = await step.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(caught).toBeInstanceOf(ChainStoreError)
  expect((caught as ChainStoreError).code).toBe(code)
}

/** The head that a store has after these blocks. */
export function headOf(block: Pick<StoredBlock, 'number' | 'hash'>, branch = 0): ChainHead {
  return { number: block.number, hash: block.hash, timestamp: timeOf(block.number, branch) }
}
