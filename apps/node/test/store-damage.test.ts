import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenChain, openChain } from '../src/chain.ts'
import { openStore, storePath } from '../src/store.ts'
import { checkStoreFiles } from '../src/store-files/check.ts'
import { runCli, startCli } from './cli-process.ts'
import {
  importInto,
  keepingLogger,
  sampleFile,
  sampleGenesis,
  sampleHead,
  sampleNetwork,
  temporaryDirectory,
} from './support.ts'

let original: string

/** A copy of a data directory with the sample chain, in tables and in a log. */
async function sampleDatadir(): Promise<string> {
  const datadir = await temporaryDirectory()
  await cp(original, datadir, { recursive: true })
  return datadir
}

async function filesOf(datadir: string): Promise<string[]> {
  const names = await readdir(storePath(datadir))
  return names.filter((name) => /^CURRENT$|^MANIFEST-|\.ldb$|\.log$/.test(name))
}

async function flipBit(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  const index = Math.floor(at * (bytes.length - 1))
  bytes[index] = (bytes[index] as number) ^ 0x10
  await writeFile(file, bytes)
}

function logger(): ReturnType<typeof keepingLogger> & { readonly fields: { [name: string]: unknown }[] } {
  const fields: { [name: string]: unknown }[] = []
  const kept = keepingLogger()
  const keepBoth = (given: { readonly [name: string]: unknown }, message: string): void => {
    fields.push(given)
    kept.lines.push(message)
  }
  return { ...kept, fields, error: keepBoth, warn: keepBoth }
}

async function wholeChain({ store }: OpenChain): Promise<number> {
  const { number } = store.head()
  const hashes = await store.hashRange(0, number + 1)
  expect(hashes).toHaveLength(number + 1)
  expect((await store.bodies(hashes)).includes(undefined)).toBe(false)
  expect((await store.headers(hashes)).includes(undefined)).toBe(false)
  return number
}

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'ethwire-test-'))
  const half = await openChain(original, await sampleNetwork())
  await importInto(half)
  await half[Symbol.asyncDispose]()
  // What the log held goes to a table when it is opened again; then the log gets something of its own.
  const again = await openChain(original, await sampleNetwork())
  await again.store.rewind(1000)
  await importInto(again)
  await again[Symbol.asyncDispose]()
})

afterAll(() => rm(original, { recursive: true, force: true }))

describe('a store with a damaged file', () => {
  test('is whole as long as nothing is done to it, and has all kinds of files', async () => {
    const kinds = (await filesOf(original)).map((name) => name.replace(/\d+/, ''))
    expect(new Set(kinds)).toEqual(new Set(['CURRENT', 'MANIFEST-', '.ldb', '.log']))
    expect(await checkStoreFiles(storePath(original))).toBeUndefined()
  })

  test('case 62: a bit flipped anywhere in any file is found, the file named, the store moved aside', async () => {
    for (const name of await filesOf(original)) {
      for (const at of [0, 0.3, 0.7, 1]) {
        const datadir = await sampleDatadir()
        const file = join(storePath(datadir), name)
        await flipBit(file, at)
        const log = logger()
        const chain = await openChain(datadir, await sampleNetwork(), { logger: log })
        expect({ name, at, head: chain.store.head().number }).toEqual({ name, at, head: 0 })
        await chain[Symbol.asyncDispose]()
        expect(log.lines).toEqual(['Store damaged: moved aside, a new one begins and is filled from peers'])
        expect(log.fields[0]).toMatchObject({ file, moved: `${storePath(datadir)}.corrupt-1` })
        expect(await readdir(dirname(storePath(datadir)))).toEqual(
          ['', '.corrupt-1'].map((suffix) => basename(storePath(datadir)) + suffix),
        )
        await rm(datadir, { recursive: true })
      }
    }
  }, 60_000)

  test('case 62: any file cut off or gone is found, or leaves a shorter chain that is whole, as a crash does', async () => {
    for (const name of await filesOf(original)) {
      for (const cut of ['to half', 'to nothing', 'away'] as const) {
        const datadir = await sampleDatadir()
        const file = join(storePath(datadir), name)
        if (cut === 'away') await rm(file)
        else await truncate(file, cut === 'to half' ? Math.floor((await readFile(file)).length / 2) : 0)
        const log = logger()
        const chain = await openChain(datadir, await sampleNetwork(), { logger: log })
        const head = await wholeChain(chain)
        await chain[Symbol.asyncDispose]()
        if (name.endsWith('.log')) {
          expect(head).toBeGreaterThanOrEqual(1000)
          if (cut === 'to half')
            expect(log.lines).toEqual(['Store file cut off, as by a crash: what is missing is fetched again'])
        } else {
          expect({ name, cut, head }).toEqual({ name, cut, head: 0 })
          expect(log.lines).toEqual(['Store damaged: moved aside, a new one begins and is filled from peers'])
          expect(JSON.stringify(log.fields[0])).toContain(name)
        }
        await rm(datadir, { recursive: true })
      }
    }
  }, 60_000)

  test('is none that a compaction left when it was broken off: such a table belongs to no database yet', async () => {
    const datadir = await sampleDatadir()
    await writeFile(join(storePath(datadir), '900000.ldb'), new Uint8Array(100_000).fill(7))
    expect(await checkStoreFiles(storePath(datadir))).toBeUndefined()
    const log = logger()
    const chain = await openChain(datadir, await sampleNetwork(), { logger: log })
    expect(await wholeChain(chain)).toBe(1200)
    await chain[Symbol.asyncDispose]()
    expect(log.lines).toEqual([])
  })

  test('case 62: a second and a third damaged store go beside the first', async () => {
    const datadir = await temporaryDirectory()
    for (const number of [1, 2, 3]) {
      await (await openChain(datadir, await sampleNetwork()))[Symbol.asyncDispose]()
      await writeFile(join(storePath(datadir), 'CURRENT'), 'MANIFEST-999999\n')
      const log = logger()
      await (await openChain(datadir, await sampleNetwork(), { logger: log }))[Symbol.asyncDispose]()
      expect(log.fields[0]?.moved).toBe(`${storePath(datadir)}.corrupt-${number}`)
    }
  })

  test('case 64: that another process has is left alone, however it looks', async () => {
    const datadir = await sampleDatadir()
    const first = await openStore(datadir)
    try {
      const [table] = (await filesOf(datadir)).filter((name) => name.endsWith('.ldb'))
      await flipBit(join(storePath(datadir), table as string), 0.5)
      await expect(openChain(datadir, await sampleNetwork(), { logger: logger() })).rejects.toMatchObject({
        code: 'NODE_STORE_LOCKED',
      })
    } finally {
      await first.close()
    }
    expect(await readdir(dirname(storePath(datadir)))).toEqual([basename(storePath(datadir))])
  })

  test('is an error where nobody is told of it', async () => {
    const datadir = await sampleDatadir()
    await writeFile(join(storePath(datadir), 'CURRENT'), 'nonsense\n')
    await expect(openChain(datadir, await sampleNetwork())).rejects.toMatchObject({
      message: expect.stringContaining(storePath(datadir)),
    })
  })

  test('case 62: a node moves it aside and has its chain again from a peer', async () => {
    const common = ['--addr', '127.0.0.1', '--port', '0', '--genesis', sampleGenesis]
    const serving = startCli('run', ...common, '--datadir', await sampleDatadir())
    await serving.said('Started P2P networking')
    const enode = /enode:\/\/[0-9a-f]+@127\.0\.0\.1:\d+/.exec(serving.output())?.[0] ?? ''
    const datadir = await sampleDatadir()
    const [table] = (await filesOf(datadir)).filter((name) => name.endsWith('.ldb'))
    await flipBit(join(storePath(datadir), table as string), 0.5)
    const node = startCli('run', ...common, '--datadir', datadir, '--staticnodes', enode)
    await node.said('"msg":"Synced"')
    expect(node.output()).toContain(`"file":"${join(storePath(datadir), table as string)}"`)
    node.child.kill('SIGTERM')
    expect((await node.ended).code).toBe(0)
    const chain = await openChain(datadir, await sampleNetwork())
    expect(await wholeChain(chain)).toBe(sampleHead.number)
    await chain[Symbol.asyncDispose]()
    const { output } = await runCli('import', sampleFile, '--genesis', sampleGenesis, '--datadir', datadir)
    expect(output).toContain('"imported":0')
  }, 60_000)
})
