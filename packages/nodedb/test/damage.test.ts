import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createNodeDatabase, NodeDatabaseError } from '../src/index.ts'
import { answered, enodeNode, ipOf, recordNode } from './nodes.ts'
import { day, keepingLogger, keepingMetrics, memoryLevel, openTest, startMs, type TestLevel } from './support.ts'

const versionKey = new TextEncoder().encode('m/version')

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'nodedb-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function filled(count: number): Promise<TestLevel> {
  const level = memoryLevel()
  const nodes = await openTest(level)
  for (let index = 0; index < count; index++) {
    answered(nodes, index % 2 === 0 ? recordNode(index) : enodeNode(index), startMs - index)
  }
  await nodes.save(recordNode(0).nodeId, 100n)
  await nodes.close()
  await level.open()
  return level
}

describe('case 62: damaged values', () => {
  test('are dropped and counted, and never more than a damaged value', async () => {
    const level = await filled(4)
    const rows = await level.iterator().all()
    for (const [key, value] of rows) {
      for (let bit = 0; bit < 8 * value.length; bit += 23) {
        const damaged = value.slice()
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
        await level.open()
        await level.put(key, damaged)
        const nodes = await openTest(level).catch((error: unknown) => {
          // The schema's version is the one value without which there is nothing.
          expect(key).toEqual(versionKey)
          expect(['NODEDB_DAMAGED', 'NODEDB_NEWER']).toContain((error as NodeDatabaseError).code)
        })
        await level.open()
        if (nodes !== undefined) {
          expect(nodes.size).toBeGreaterThanOrEqual(3)
          const id = Buffer.from(key.subarray(1)).toString('hex')
          expect([undefined, id]).toContain((await nodes.node(id))?.nodeIdHex)
          expect(nodes.lastPong(id, ipOf(0))).toBeLessThanOrEqual(startMs)
          await nodes.load(recordNode(0).nodeId)
          await nodes.close()
          await level.open()
        }
        await level.clear()
        await level.batch(rows.map(([rowKey, rowValue]) => ({ type: 'put', key: rowKey, value: rowValue })))
      }
    }
  })

  test('in the way of seeds are removed', async () => {
    const level = await filled(40)
    const bad = Uint8Array.of('n'.charCodeAt(0), 0x80)
    await level.put(bad, Uint8Array.of(1))
    const nodes = await openTest(level)
    for (let time = 0; time < 10; time++) await nodes.seeds({ count: 5, maxAgeMs: day })
    expect(await level.get(bad)).toBeUndefined()
    await nodes.close()
  })

  test('are gone afterwards, and said once', async () => {
    const level = await filled(4)
    const table = (letter: string): number => letter.charCodeAt(0)
    for await (const key of level.keys()) {
      if (key[0] === table('c') || key[0] === table('n')) await level.put(key, Uint8Array.of(9, 9, 9))
    }
    await level.put(Uint8Array.of(table('c'), 1, 2), Uint8Array.of(1))
    const logger = keepingLogger()
    const metrics = keepingMetrics()
    const nodes = await openTest(level, { logger, metrics })
    expect(nodes.size).toBe(0)
    expect(metrics.values.get('nodedb/damaged')).toBe(5)
    expect(logger.lines.filter((line) => line.level === 'warn')).toEqual([
      { level: 'warn', message: 'Damaged entries of the node database were dropped', fields: { entries: 5 } },
    ])
    await nodes.seeds({ count: 30, maxAgeMs: day })
    await nodes.close()
    await level.open()
    const left = await level.keys().all()
    expect(left.map((key) => String.fromCharCode(key[0] as number)).sort()).toEqual(['l', 'm'])
  })

  test('of a node: a record of somebody else, or one whose signature is wrong, is none', async () => {
    const level = await filled(4)
    const rowsOfNodes = (await level.iterator().all()).filter(([key]) => key[0] === 'n'.charCodeAt(0))
    const [first, second] = rowsOfNodes as [[Uint8Array, Uint8Array], [Uint8Array, Uint8Array]]
    await level.put(first[0], second[1])
    const metrics = keepingMetrics()
    const nodes = await openTest(level, { metrics })
    const id = Buffer.from(first[0].subarray(1)).toString('hex')
    expect(await nodes.node(id)).toBeUndefined()
    expect(metrics.values.get('nodedb/damaged')).toBe(1)
    expect(nodes.size).toBe(3)
    await nodes.close()
  })

  test('a sequence number that cannot be read makes the time the next one', async () => {
    const level = await filled(1)
    for await (const key of level.keys()) {
      if (key[0] === 'l'.charCodeAt(0)) await level.put(key, Uint8Array.of(0xc0))
    }
    const nodes = await openTest(level)
    expect(await nodes.load(recordNode(0).nodeId)).toBe(BigInt(startMs) - 1n)
    await nodes.close()
  })
})

describe('the schema', () => {
  test('of a later version is left alone, with a clear error', async () => {
    const level = await filled(2)
    await level.put(versionKey, Uint8Array.of(2))
    const before = await level.iterator().all()
    await expect(openTest(level)).rejects.toMatchObject({
      name: 'NodeDatabaseError',
      code: 'NODEDB_NEWER',
      message: 'the node database has the schema 2, and this program knows those up to 1; use a later version of it',
    })
    expect(level.status).toBe('closed')
    await level.open()
    expect(await level.iterator().all()).toEqual(before)
  })

  test('of an earlier one: nodes are forgotten, the sequence number is not', async () => {
    const level = await filled(2)
    await level.put(versionKey, Uint8Array.of(0x80))
    const logger = keepingLogger()
    const nodes = await openTest(level, { logger })
    expect(nodes.size).toBe(0)
    expect(await nodes.load(recordNode(0).nodeId)).toBe(164n)
    expect(logger.lines.map((line) => line.message)).toEqual([
      'A node database of an earlier schema: its nodes are forgotten',
    ])
    expect(await level.get(versionKey)).toEqual(Uint8Array.of(1))
    await nodes.close()
  })

  test("of a database that holds something else is none: it isn't touched", async () => {
    const level = memoryLevel()
    await level.put(Uint8Array.of(1), Uint8Array.of(2))
    await expect(openTest(level)).rejects.toMatchObject({ code: 'NODEDB_FOREIGN' })
    await level.open()
    expect(await level.iterator().all()).toEqual([[Uint8Array.of(1), Uint8Array.of(2)]])
  })

  test('a sublevel is a database of its own', async () => {
    const level = memoryLevel()
    await level.put(Uint8Array.of(1), Uint8Array.of(2))
    const sublevel = level.sublevel('nodes')
    const nodes = await openTest(sublevel)
    answered(nodes, recordNode(1), startMs)
    await nodes.close()
    expect(level.status).toBe('open')
    const again = await openTest(level.sublevel('nodes'))
    expect(again.size).toBe(1)
    await again.close()
  })
})

describe('on LevelDB', () => {
  test('it needs nothing but the database', async () => {
    const path = await temporaryDirectory()
    const nodes = await createNodeDatabase(new ClassicLevel(path))
    answered(nodes, recordNode(1), Date.now())
    answered(nodes, enodeNode(2), Date.now())
    await nodes.close()
    const again = await createNodeDatabase(new ClassicLevel(path))
    const seeds = await again.seeds({ count: 30, maxAgeMs: day })
    expect(seeds.map((node) => node.host).sort()).toEqual([ipOf(1), ipOf(2)])
    for (const node of seeds) expect(node.publicKey.constructor).toBe(Uint8Array)
    await again.close()
  })

  test('case 64: a database that is in use is said to be', async () => {
    const path = await temporaryDirectory()
    const nodes = await createNodeDatabase(new ClassicLevel(path))
    await expect(createNodeDatabase(new ClassicLevel(path))).rejects.toMatchObject({ code: 'NODEDB_LOCKED' })
    await nodes.close()
  })

  test('case 62: one that cannot be opened is said to be damaged', async () => {
    const path = await temporaryDirectory()
    await (await createNodeDatabase(new ClassicLevel(path))).close()
    await writeFile(join(path, 'CURRENT'), 'nonsense')
    await expect(createNodeDatabase(new ClassicLevel(path))).rejects.toMatchObject({ code: 'NODEDB_DAMAGED' })
  })

  test('one that cannot be made is an error with its cause', async () => {
    const path = join(await temporaryDirectory(), 'file')
    await writeFile(path, '')
    const error = await createNodeDatabase(new ClassicLevel(path)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NodeDatabaseError)
    expect(error).toMatchObject({ code: 'NODEDB_OPEN', cause: expect.any(Error) })
  })
})
