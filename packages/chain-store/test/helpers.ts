import { genesisBlock, headerHash, hoodi } from '@ethwire/chain'
import { encodeBytes, encodeList } from '@ethwire/rlp-codec'
import { expect } from 'vitest'
import { ChainStoreError, type ChainStoreErrorCode, type StoredBlock } from '../src/index.ts'

export const genesis: ReturnType<typeof genesisBlock> = genesisBlock(hoodi.genesis)

/** Blocks that follow each other. The store looks at nothing but the parent hash: the rest is filler. */
export function makeBlocks(
  count: number,
  from: { number: number; hash: Uint8Array } = { number: 0, hash: genesis.hash },
  branch = 0,
): StoredBlock[] {
  const blocks: StoredBlock[] = []
  let parentHash = from.hash
  for (let number = from.number + 1; number <= from.number + count; number++) {
    const filler = new Uint8Array(500).fill(number + branch)
    const header = encodeList([encodeBytes(parentHash), encodeBytes(filler)])
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
