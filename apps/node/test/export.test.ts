import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { OpenChain } from '../src/chain.ts'
import { exportBlocks, wholeRange } from '../src/export.ts'
import { writeNewFile } from '../src/new-file.ts'
import { crypto, emptySampleChain, importInto, sampleFile, sampleHead, temporaryDirectory } from './support.ts'

async function sampleChain(): Promise<OpenChain> {
  const chain = await emptySampleChain()
  await importInto(chain)
  return chain
}

/** The chain from the first block on, as geth wrote it. */
async function sampleBytes(): Promise<Buffer> {
  return gunzipSync(await readFile(sampleFile))
}

async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

async function exported({ store }: OpenChain, first: number, last: number): Promise<Buffer> {
  return Buffer.concat(await collected(exportBlocks({ first, last }, { store, crypto })))
}

async function* of(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

function flipped(item: Uint8Array | undefined): Uint8Array | undefined {
  const copy = item?.slice()
  if (copy !== undefined) copy[copy.length - 1]! ^= 1
  return copy
}

const plain = { force: false, gzip: false }

describe('export', () => {
  test('gives the bytes that were imported, and the genesis before them', async () => {
    const chain = await sampleChain()
    const bytes = await sampleBytes()
    expect((await exported(chain, 1, sampleHead.number)).equals(bytes)).toBe(true)
    const whole = await exported(chain, 0, sampleHead.number)
    expect(whole.subarray(-bytes.length).equals(bytes)).toBe(true)
    const file = join(await temporaryDirectory(), 'chain.rlp')
    await writeFile(file, whole)
    const again = await emptySampleChain()
    expect(await importInto(again, file)).toEqual({ imported: 1200, skipped: 1 })
  })

  test('gives a part, and no more than there is', async () => {
    const chain = await sampleChain()
    const [head, tail] = [await exported(chain, 1, 600), await exported(chain, 601, 1200)]
    expect(Buffer.concat([head, tail]).equals(await sampleBytes())).toBe(true)
    expect(wholeRange({}, chain.store)).toEqual({ first: 0, last: 1200 })
    expect(wholeRange({ first: 7 }, chain.store)).toEqual({ first: 7, last: 1200 })
    expect(() => wholeRange({ last: 1201 }, chain.store)).toThrow('block 1201 is beyond the head, which is block 1200')
    expect(() => wholeRange({ first: 9, last: 8 }, chain.store)).toThrow('after the last')
  })

  test('holds no more than a few megabytes at a time', async () => {
    const { store } = await sampleChain()
    let largest = 0
    for await (const bytes of exportBlocks({ first: 0, last: 1200 }, { store, crypto })) {
      largest = Math.max(largest, bytes.length)
    }
    expect(largest).toBeLessThan(9 * 1024 * 1024)
  })

  test('case 62: passes no damaged block on, and names it', async () => {
    const { store } = await sampleChain()
    for (const part of ['bodies', 'headers'] as const) {
      const damagedStore: typeof store = {
        ...store,
        [part]: async (hashes: readonly Uint8Array[]) => (await store[part](hashes)).map(flipped),
      }
      const reading = collected(exportBlocks({ first: 5, last: 9 }, { store: damagedStore, crypto }))
      await expect(reading, part).rejects.toMatchObject({
        code: 'NODE_STORE_DAMAGED',
        message: expect.stringContaining('block 5 of the store is damaged'),
      })
    }
  })
})

describe('the file', () => {
  test('is there when it is whole, and keeps what was there before', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'chain.rlp')
    await writeNewFile(path, of('one', 'two'), plain)
    await expect(writeNewFile(path, of('three'), plain)).rejects.toMatchObject({
      code: 'NODE_CHAIN_FILE',
      message: expect.stringContaining('--force'),
    })
    expect(await readFile(path, 'utf8')).toBe('onetwo')
    await writeNewFile(path, of('three'), { ...plain, force: true })
    expect(await readFile(path, 'utf8')).toBe('three')
    const zipped = `${path}.gz`
    await writeNewFile(zipped, of('four', 'five'), { ...plain, gzip: true })
    expect(gunzipSync(await readFile(zipped)).toString()).toBe('fourfive')
    expect((await readdir(directory)).toSorted()).toEqual(['chain.rlp', 'chain.rlp.gz'])
  })

  test('of which only a part could be written leaves nothing, and the old one as it was', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'chain.rlp')
    await writeFile(path, 'old')
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* of('new')
      throw new Error('broken')
    }
    for (const gzip of [false, true]) {
      await expect(writeNewFile(path, broken(), { force: true, gzip })).rejects.toThrow('broken')
    }
    const stopped = AbortSignal.abort(new Error('stopped'))
    await expect(writeNewFile(path, of('new'), { ...plain, force: true, signal: stopped })).rejects.toThrow('stopped')
    expect(await readdir(directory)).toEqual(['chain.rlp'])
    expect(await readFile(path, 'utf8')).toBe('old')
  })

  test('that somebody else wrote meanwhile is kept', async () => {
    const path = join(await temporaryDirectory(), 'chain.rlp')
    async function* slow(): AsyncGenerator<Uint8Array> {
      await writeFile(path, 'theirs')
      yield* of('ours')
    }
    await expect(writeNewFile(path, slow(), plain)).rejects.toMatchObject({ code: 'NODE_CHAIN_FILE' })
    expect(await readFile(path, 'utf8')).toBe('theirs')
  })

  test('is refused where it cannot be', async () => {
    const directory = await temporaryDirectory()
    await expect(writeNewFile(directory, of('a'), { ...plain, force: true })).rejects.toThrow('no plain file')
    await expect(writeNewFile(join(directory, 'no', 'a'), of('a'), plain)).rejects.toThrow('cannot write')
  })
})
