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

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chain-store-'))
})

afterEach(() => rm(directory, { recursive: true }))

/** Runs a writer until it has told this number, kills it with SIGKILL, and gives the last number that it told. */
async function writeAndKill(until: number): Promise<number> {
  const script = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@ethwire/source', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  let told = 0
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line)
    if (told >= until) child.kill('SIGKILL')
  }
  await exit
  return told
}

test('case 61: a writer killed at any time has lost nothing that it told, and the next one goes on', async () => {
  for (const until of [50, 400, 1000]) {
    const told = await writeAndKill(until)
    expect(told).toBeGreaterThanOrEqual(until)
    await using db = new ClassicLevel(directory)
    const store = await openChainStore({ db, genesis })
    const { number } = store.head()
    expect(number).toBeGreaterThanOrEqual(told)
    const blocks = makeBlocks(number)
    expect(await store.hashRange(1, number)).toEqual(blocks.map(({ hash }) => hash))
    expect(await store.receipts(blocks.map(({ hash }) => hash))).toEqual(blocks.map(({ receipts }) => receipts))
    expect(await store.headerByNumber(number + 1)).toBeUndefined()
  }
})
