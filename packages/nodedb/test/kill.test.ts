import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNodeDatabase } from '../src/index.ts'
import { enodeNode, privateKeyOf, recordNode } from './nodes.ts'

const kills = 200
/** So many databases at once, each with a writer of its own. */
const databases = 4
const script = fileURLToPath(new URL('./note-until-killed.ts', import.meta.url))

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nodedb-'))
})

afterEach(() => rm(directory, { recursive: true, maxRetries: 5 }))

interface Told {
  readonly sequenceNumbers: readonly bigint[]
  /** Nodes that it said were stored, at first and at last. */
  readonly found: number
  readonly stored: number
}

/** Runs a writer until it has told so much, and kills it with SIGKILL. */
async function noteAndKill(path: string, lines: number): Promise<Told> {
  const child = spawn(process.execPath, ['--conditions=@ethwire/source', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Most of a start is compiling, which is the same each time.
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(directory, 'compiled') },
  })
  const exit = once(child, 'exit')
  const sequenceNumbers: bigint[] = []
  const stored: number[] = []
  let told = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, number] = line.split(' ') as [string, string]
    if (what === 'seq') sequenceNumbers.push(BigInt(number))
    else stored.push(Number(number))
    if (++told === lines) child.kill('SIGKILL')
  }
  const [code, signal] = await exit
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return { sequenceNumbers, found: stored[0] as number, stored: stored.at(-1) as number }
}

test('case 61: a node that is killed 200 times opens its database again, and its sequence number never falls', async () => {
  const runs = Array.from({ length: databases }, async (_, index) => {
    const path = join(directory, `nodes-${index}`)
    let seq = 0n
    let stored = 0
    for (let kill = 0; kill < kills / databases; kill++) {
      const told = await noteAndKill(path, 2 + ((kill * 7 + index) % 16))
      expect(told.found).toBeGreaterThanOrEqual(stored)
      for (const next of told.sequenceNumbers) {
        expect(next).toBeGreaterThan(seq)
        seq = next
      }
      stored = told.stored
    }
    await using nodes = await createNodeDatabase(new ClassicLevel(path))
    expect(nodes.size).toBeGreaterThanOrEqual(stored)
    for (let node = 1; node <= nodes.size; node++) expect(await nodes.node(enodeNode(node).nodeIdHex)).toBeDefined()
    expect(await nodes.load(recordNode(0).nodeId)).toBeGreaterThanOrEqual(seq)
    expect(enodeNode(0).nodeIdHex).toBe(recordNode(0).nodeIdHex)
    return stored
  })
  for (const stored of await Promise.all(runs)) expect(stored).toBeGreaterThan(50)
  expect(privateKeyOf(0)).toHaveLength(32)
}, 300_000)
