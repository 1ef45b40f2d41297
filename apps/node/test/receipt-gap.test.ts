import { describe, expect, test } from 'vitest'
import { receiptGap } from '../src/receipt-gap.ts'
import { runCli, startCli } from './cli-process.ts'
import { emptySampleChain, importInto, sampleFile, sampleGenesis, sampleHead, temporaryDirectory } from './support.ts'

describe('blocks that are stored without receipts', () => {
  test('are counted, but for those that are tried again', async () => {
    const chain = await emptySampleChain()
    expect(await receiptGap(chain.store)).toEqual({ blocks: 0, exact: true })
    await importInto(chain)
    const { blocks, exact } = await receiptGap(chain.store)
    expect(exact).toBe(true)
    expect(blocks).toBe((await chain.store.missingReceipts(0, sampleHead.number + 1)).length)
    expect(blocks).toBeGreaterThan(1000)
    await chain.store.markReceiptsUnavailable({ ...chain.store.head(), reason: 'larger than a message' })
    expect(await receiptGap(chain.store)).toEqual({ blocks: blocks - 1, exact: true })
  })

  test('are estimated on a long chain, with few reads', async () => {
    const length = 20_000_000
    let reads = 0
    const gap = await receiptGap({
      head: () => ({ number: length - 1, hash: new Uint8Array(32), timestamp: 0n }),
      earliest: () => 0,
      missingReceipts: async (from, count) => {
        reads++
        expect(from + count).toBeLessThanOrEqual(length)
        return Array.from({ length: count }, (_, index) => from + index).filter((number) => number < length / 2)
      },
      unavailableReceipts: async () => [],
    })
    expect(gap).toEqual({ blocks: length / 2, exact: false })
    expect(reads).toBe(32)
  })

  test('are told of when a node is to keep receipts', async () => {
    const datadir = await temporaryDirectory()
    const common = ['--datadir', datadir, '--genesis', sampleGenesis]
    expect((await runCli('import', sampleFile, ...common)).code).toBe(0)
    const node = startCli('run', ...common, '--addr', '127.0.0.1', '--port', '0', '--receipts')
    await node.said('Started P2P networking')
    expect(node.output()).toContain('--receipts fetches those of blocks synced from now on')
    node.child.kill('SIGTERM')
    expect((await node.ended).code).toBe(0)
  })
})
