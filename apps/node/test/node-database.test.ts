import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeFromEnode } from '@ethwire/enr'
import { nodeClock, nodeRandom } from '@ethwire/io/node'
import type { NodeDatabase } from '@ethwire/nodedb'
import { ClassicLevel } from 'classic-level'
import { describe, expect, test } from 'vitest'
import { nodeDatabasePath, openNodeDatabase } from '../src/node-database.ts'
import { smallDisk } from './small-disk.ts'
import { crypto, keepingLogger, temporaryDirectory } from './support.ts'

const day = 24 * 3_600_000
const nodeId = new Uint8Array(32).fill(3)

function logger(): ReturnType<typeof keepingLogger> & { readonly fields: { [name: string]: unknown }[] } {
  const fields: { [name: string]: unknown }[] = []
  const kept = keepingLogger()
  const keepBoth = (given: { readonly [name: string]: unknown }, message: string): void => {
    fields.push(given)
    kept.lines.push(message)
  }
  const ignore = (): void => undefined
  return { ...kept, fields, debug: ignore, error: keepBoth, warn: keepBoth }
}

function open(datadir: string | undefined, log = logger()): Promise<NodeDatabase> {
  return openNodeDatabase(datadir, { clock: nodeClock, random: nodeRandom, logger: log, crypto, retryMs: 50 })
}

function note(nodes: NodeDatabase, from: number, count: number): void {
  for (let index = from; index < from + count; index++) {
    const privateKey = new Uint8Array(32).fill(1)
    new DataView(privateKey.buffer).setUint32(28, index)
    const host = `20.${index >> 8}.${index & 255}.1`
    const node = nodeFromEnode({ publicKey: crypto.publicKey(privateKey), host, tcpPort: 30303, udpPort: 30303 })
    nodes.setLastPong(node.nodeIdHex, host, Date.now())
    nodes.putNode(node)
  }
}

/** A data directory whose node database has all kinds of files, something in each. */
async function filledDatadir(): Promise<string> {
  const datadir = await temporaryDirectory()
  for (const from of [0, 400]) {
    const nodes = await open(datadir)
    note(nodes, from, 400)
    await nodes.load(nodeId)
    await nodes.close()
  }
  return datadir
}

async function filesOf(datadir: string): Promise<string[]> {
  const names = await readdir(nodeDatabasePath(datadir))
  return names.filter((name) => /^CURRENT$|^MANIFEST-|\.ldb$|\.log$/.test(name))
}

describe('the node database of a data directory', () => {
  test('is there again after a restart', async () => {
    const datadir = await filledDatadir()
    const log = logger()
    const nodes = await open(datadir, log)
    expect(nodes.size).toBe(800)
    expect(await nodes.seeds({ count: 30, maxAgeMs: day })).toHaveLength(30)
    expect(log.lines).toEqual([])
    await nodes.close()
    expect(await readdir(datadir)).toEqual(['nodes'])
  })

  test('is in memory where there is no data directory', async () => {
    const nodes = await open(undefined)
    note(nodes, 0, 3)
    expect(nodes.size).toBe(3)
    expect(nodes.isPersistent).toBe(false)
    await nodes.close()
  })

  test('case 64: a second process on the same data directory is told who has it, and harms nothing', async () => {
    const datadir = await filledDatadir()
    const first = await open(datadir)
    const [table] = (await filesOf(datadir)).filter((name) => name.endsWith('.ldb'))
    const file = join(nodeDatabasePath(datadir), table as string)
    for (const isDamaged of [false, true]) {
      if (isDamaged) await writeFile(file, (await readFile(file)).fill(0, 10, 20))
      await expect(open(datadir)).rejects.toMatchObject({
        name: 'NodeError',
        code: 'NODE_STORE_LOCKED',
        message: `${nodeDatabasePath(datadir)} is in use by another process; stop it, or choose another --datadir`,
      })
      expect(await readdir(datadir)).toEqual(['nodes'])
    }
    await first.close()
  })

  test('case 62: any file damaged, cut off or gone is named, and the rest moved aside or kept', async () => {
    const original = await filledDatadir()
    const kinds = new Set((await filesOf(original)).map((name) => name.replace(/\d+/, '')))
    expect(kinds).toEqual(new Set(['CURRENT', 'MANIFEST-', '.ldb', '.log']))
    for (const name of await filesOf(original)) {
      for (const how of ['flipped', 'halved', 'emptied', 'gone'] as const) {
        const datadir = await temporaryDirectory()
        await cp(original, datadir, { recursive: true })
        const file = join(nodeDatabasePath(datadir), name)
        const bytes = await readFile(file)
        const middle = bytes.length >> 1
        if (how === 'flipped') await writeFile(file, bytes.fill((bytes[middle] as number) ^ 8, middle, middle + 1))
        else if (how === 'gone') await rm(file)
        else await truncate(file, how === 'halved' ? middle : 0)
        const log = logger()
        const nodes = await open(datadir, log)
        note(nodes, 1_000, 1)
        await nodes.flush()
        if (name.endsWith('.log') && how !== 'flipped') {
          expect(nodes.size).toBeGreaterThanOrEqual(1)
          if (how === 'halved')
            expect(log.lines).toEqual(['Node database file cut off, as by a crash: nodes are found again'])
        } else {
          expect({ name, how, size: nodes.size }).toEqual({ name, how, size: 1 })
          expect(log.lines).toEqual(['Node database damaged: moved aside, a new one begins'])
          expect(JSON.stringify(log.fields[0])).toContain(name)
          expect(log.fields[0]).toMatchObject({ moved: `${nodeDatabasePath(datadir)}.corrupt-1` })
          expect((await readdir(datadir)).sort()).toEqual(['nodes', 'nodes.corrupt-1'])
        }
        await nodes.close()
        await rm(datadir, { recursive: true })
      }
    }
  }, 60_000)

  test('that holds something else is moved aside', async () => {
    const datadir = await temporaryDirectory()
    const other = new ClassicLevel(nodeDatabasePath(datadir))
    await other.put('a', 'b')
    await other.close()
    const log = logger()
    const nodes = await open(datadir, log)
    expect(nodes.isPersistent).toBe(true)
    const [fields] = log.fields
    expect(fields).toMatchObject({ file: nodeDatabasePath(datadir), problem: 'it holds something else' })
    await nodes.close()
  })

  test('of a later version is left alone, and said to be one', async () => {
    const datadir = await filledDatadir()
    const level = new ClassicLevel<string, Uint8Array>(nodeDatabasePath(datadir), { valueEncoding: 'view' })
    await level.put('m/version', Uint8Array.of(9))
    await level.close()
    await expect(open(datadir)).rejects.toMatchObject({
      code: 'NODE_STORE',
      message: `${nodeDatabasePath(datadir)}: the node database has the schema 9, and this program knows those up to 1; use a later version of it, or move it away`,
    })
    expect(await readdir(datadir)).toEqual(['nodes'])
  })

  test('whose place is taken by a file is an error that says so', async () => {
    const datadir = await temporaryDirectory()
    await writeFile(nodeDatabasePath(datadir), '')
    await expect(open(datadir)).rejects.toMatchObject({
      code: 'NODE_STORE',
      message: expect.stringContaining(`cannot open ${nodeDatabasePath(datadir)}`),
    })
  })
})

describe('case 63: with a full disk the node database', () => {
  test('runs on from memory, warns once, and writes all when there is room', async (context) => {
    const disk = await smallDisk(1)
    if (disk === undefined) return context.skip('mounting a tmpfs is not allowed here')
    const log = logger()
    const nodes = await open(disk.path, log)
    note(nodes, 0, 10)
    await nodes.flush()
    await writeFile(join(disk.path, 'filler'), Buffer.alloc(2 << 20)).catch(() => undefined)
    for (let from = 10; from < 2_000; from += 100) {
      note(nodes, from, 100)
      await nodes.flush()
    }
    expect(nodes.isPersistent).toBe(false)
    expect(nodes.size).toBe(2_010)
    expect(await nodes.seeds({ count: 30, maxAgeMs: day })).toHaveLength(30)
    expect(log.lines).toEqual(['The node database fails: what is new about nodes is kept in memory'])
    disk.grow(64)
    await expect
      .poll(
        async () => {
          await nodes.flush()
          return nodes.isPersistent
        },
        { timeout: 15_000 },
      )
      .toBe(true)
    await nodes.close()
    const again = await open(disk.path)
    expect(again.size).toBe(2_010)
    await again.close()
  }, 40_000)

  test('that is full before it is opened is in memory, which is said once', async (context) => {
    const disk = await smallDisk(1)
    if (disk === undefined) return context.skip('mounting a tmpfs is not allowed here')
    await writeFile(join(disk.path, 'filler'), Buffer.alloc(2 << 20)).catch(() => undefined)
    const log = logger()
    const nodes = await open(disk.path, log)
    note(nodes, 0, 10)
    expect(nodes.size).toBe(10)
    expect(nodes.isPersistent).toBe(false)
    expect(log.lines).toEqual(['No room to open the node database: nodes are kept in memory'])
    await nodes.close()
  })
})
