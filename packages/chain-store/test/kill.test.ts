import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openChainStore } from '../src/index.ts'
import { genesis, makeBlocks } from './helpers.ts'

const kills = 200
/** So many stores at once, each with a writer of its own. */
const stores = 4
const script = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url))

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chain-store-'))
})

afterEach(() => rm(directory, { recursive: true, maxRetries: 5 }))

/**
 * Runs a writer until it has told so many heights, kills it with SIGKILL, and gives the height that it found and the last
 * one that it told.
 */
async function writeAndKill(path: string, lines: number): Promise<{ found: number; told: number }> {
  const child = spawn(process.execPath, ['--conditions=@ethwire/source', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Most of a start is compiling, which is the same each time.
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(directory, 'compiled') },
  })
  const exit = once(child, 'exit')
  const heights: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    heights.push(Number(line))
    if (heights.length === lines) child.kill('SIGKILL')
  }
  const [code, signal] = await exit
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return { found: heights[0] as number, told: heights.at(-1) as number }
}

async function expectWholeChain(path: string, atLeast: number): Promise<void> {
  await using db = new ClassicLevel(path)
  const store = await openChainStore({ db, genesis })
  const { number } = store.head()
  expect(number).toBeGreaterThanOrEqual(atLeast)
  const blocks = makeBlocks(number)
  const hashes = blocks.map(({ hash }) => hash)
  expect(await store.hashRange(1, number)).toEqual(hashes)
  expect(await store.headerRange(1, number)).toEqual(blocks.map(({ header }) => header))
  expect(await store.bodies(hashes)).toEqual(blocks.map(({ body }) => body))
  expect(await store.receipts(hashes)).toEqual(blocks.map(({ receipts }) => receipts))
  expect(await store.headerByNumber(number + 1)).toBeUndefined()
}

test('case 61: a writer that is killed 200 times has lost nothing that it told, and the next one goes on', async () => {
  const runs = Array.from({ length: stores }, async (_, index) => {
    const path = join(directory, `store-${index}`)
    let height = 0
    for (let kill = 0; kill < kills / stores; kill++) {
      const { found, told } = await writeAndKill(path, 1 + ((kill * 7 + index) % 24))
      expect(found).toBeGreaterThanOrEqual(height)
      height = told
    }
    await expectWholeChain(path, height)
    return height
  })
  for (const height of await Promise.all(runs)) expect(height).toBeGreaterThan(1000)
}, 180_000)
