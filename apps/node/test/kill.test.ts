import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nodeClock, nodeRandom } from '@ethwire/io/node'
import { expect, test } from 'vitest'
import { openNodeDatabase } from '../src/node-database.ts'
import { keepingLogger, temporaryDirectory } from './support.ts'

/** The package of the database has the two hundred of the case; here it is the whole data directory. */
const kills = 24
const script = fileURLToPath(new URL('./note-until-killed.ts', import.meta.url))

test('case 61: a data directory whose owner is killed at any time keeps its key and its nodes, and its sequence number never falls', async () => {
  const directory = await temporaryDirectory()
  const datadir = join(directory, 'data')
  let nodeId = ''
  let seq = 0n
  for (let kill = 0; kill < kills; kill++) {
    const args = ['--conditions=@ethwire/source', script, datadir]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(directory, 'compiled') },
    })
    const exit = once(child, 'exit')
    let told = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, value] = line.split(' ') as [string, string]
      if (what === 'id') {
        expect([value, '']).toContain(nodeId)
        nodeId = value
      } else {
        expect(BigInt(value)).toBeGreaterThan(seq)
        seq = BigInt(value)
      }
      if (++told === 1 + (kill % 9)) child.kill('SIGKILL')
    }
    expect(await exit).toEqual([null, 'SIGKILL'])
  }
  const log = keepingLogger()
  await using nodes = await openNodeDatabase(datadir, { clock: nodeClock, random: nodeRandom, logger: log })
  expect(nodes.size).toBeGreaterThan(20)
  expect(await nodes.seeds({ count: 30, maxAgeMs: 3_600_000 })).not.toEqual([])
  expect(log.lines.filter((line) => line.includes('damaged'))).toEqual([])
  expect((await readdir(datadir)).sort()).toEqual(['nodekey', 'nodes'])
  expect(await readFile(join(datadir, 'nodekey'), 'latin1')).toMatch(/^[0-9a-f]{64}$/)
}, 180_000)
