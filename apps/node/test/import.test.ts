import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { emptySampleChain, importInto, sampleFile, sampleHead, temporaryDirectory } from './support.ts'

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

async function sampleBytes(): Promise<Buffer> {
  return gunzipSync(await readFile(sampleFile))
}

async function written(bytes: Uint8Array): Promise<string> {
  const file = join(await temporaryDirectory(), 'chain.rlp')
  await writeFile(file, bytes)
  return file
}

describe('import', () => {
  test('takes the sample chain to its head, gzipped or not, and skips what is there', async () => {
    const chain = await emptySampleChain()
    expect(await importInto(chain)).toEqual({ imported: 1200, skipped: 0 })
    const { number, hash } = chain.store.head()
    expect({ number, hash: hex(hash) }).toEqual(sampleHead)
    expect(await importInto(chain, await written(await sampleBytes()))).toEqual({ imported: 0, skipped: 1200 })
  })

  test('keeps the whole blocks of a file that is cut off, and goes on from there', async () => {
    const chain = await emptySampleChain()
    const bytes = await sampleBytes()
    const half = await written(bytes.subarray(0, bytes.length >> 1))
    await expect(importInto(chain, half)).rejects.toMatchObject({ code: 'NODE_CHAIN_FILE' })
    const { number } = chain.store.head()
    expect(number).toBeGreaterThan(500)
    expect(await importInto(chain)).toEqual({ imported: 1200 - number, skipped: number })
  })

  test('says so when a gzip file is cut off', async () => {
    const chain = await emptySampleChain()
    const file = await written((await readFile(sampleFile)).subarray(0, 100_000))
    await expect(importInto(chain, file)).rejects.toMatchObject({
      code: 'NODE_CHAIN_FILE',
      message: expect.stringContaining('gzip'),
    })
  })

  test('stops at the first block that breaks a rule, and names it', async () => {
    const chain = await emptySampleChain()
    const bytes = await sampleBytes()
    // Somewhere in the middle, where a bit belongs to some field or body that a hash or a root covers.
    bytes[bytes.length >> 1]! ^= 1
    await expect(importInto(chain, await written(bytes))).rejects.toMatchObject({
      code: 'NODE_CHAIN_FILE',
      message: expect.stringMatching(/block \d+|header|body|block/),
    })
    expect(chain.store.head().number).toBeGreaterThan(100)
    expect(chain.store.head().number).toBeLessThan(1200)
  })

  test('refuses what is no chain, and a file that is not there', async () => {
    const chain = await emptySampleChain()
    await expect(importInto(chain, await written(Buffer.from('{}')))).rejects.toMatchObject({ code: 'NODE_CHAIN_FILE' })
    await expect(importInto(chain, '/nowhere/chain.rlp')).rejects.toMatchObject({
      code: 'NODE_CHAIN_FILE',
      message: 'there is no file /nowhere/chain.rlp',
    })
  })
})
