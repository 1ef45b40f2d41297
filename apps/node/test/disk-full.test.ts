import { nodeClock } from '@ethwire/io/node'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { openChain } from '../src/chain.ts'
import { importBlocks } from '../src/import.ts'
import { createPatientDatabase, isDiskFull } from '../src/patient-database.ts'
import { runCli, startCli } from './cli-process.ts'
import { smallDisk } from './small-disk.ts'
import { crypto, keepingLogger, sampleFile, sampleGenesis, sampleNetwork, temporaryDirectory } from './support.ts'

const view = { keyEncoding: 'view', valueEncoding: 'view' } as const
const key = Uint8Array.of(1)

describe('case 63: a full disk', () => {
  test('fails writes until there is room, is said once, and what is stored is read meanwhile', async () => {
    const memory = new MemoryLevel<Uint8Array, Uint8Array>({ ...view, storeEncoding: 'view' })
    const log = keepingLogger()
    const ending = new AbortController()
    let isFull = false
    let opened = 0
    const db = createPatientDatabase({
      db: {
        open: async () => void opened++,
        close: async () => undefined,
        get: (...args) => memory.get(...args),
        getMany: (...args) => memory.getMany(...args),
        hasMany: (...args) => memory.hasMany(...args),
        iterator: (range) => memory.iterator(range),
        clear: (range) => memory.clear(range),
        batch: async (operations, as) => {
          // As LevelDB: after a failed write all others fail until it is opened again.
          if (isFull && opened === 0) throw new Error('IO error: /x/000003.log: No space left on device')
          await memory.batch(operations, as)
        },
      },
      path: `${await temporaryDirectory()}/db`,
      ...{ clock: nodeClock, logger: log, signal: ending.signal, retryMs: 20 },
    })
    await db.batch([{ type: 'put', key, value: Uint8Array.of(7) }], view)
    isFull = true
    const put = (value: number): Promise<void> => db.batch([{ type: 'put', key, value: Uint8Array.of(value) }], view)
    const noRoom = { code: 'NODE_STORE', message: expect.stringContaining('no room on the disk') }
    await expect(put(8)).rejects.toMatchObject(noRoom)
    await expect(put(9)).rejects.toMatchObject(noRoom)
    expect(await db.get(key, view)).toEqual(Uint8Array.of(7))
    await expect
      .poll(() => log.lines, { timeout: 15_000 })
      .toEqual([
        'Disk full: nothing more is stored until there is room; what is stored is served',
        'There is room on the disk again',
      ])
    expect(opened).toBe(1)
    await put(10)
    expect(await db.get(key, view)).toEqual(Uint8Array.of(10))
    ending.abort()
    expect(isDiskFull(new Error('IO error: x: Input/output error'))).toBe(false)
  })

  test('that is real loses nothing stored, and storing goes on when there is room', async (context) => {
    const disk = await smallDisk(2)
    if (disk === undefined) return context.skip('mounting a tmpfs is not allowed here')
    const log = keepingLogger()
    const ending = new AbortController()
    const patience = { clock: nodeClock, signal: ending.signal, retryMs: 50 }
    const network = await sampleNetwork()
    const chain = await openChain(disk.path, network, { logger: log, patience })
    const importAll = (): ReturnType<typeof importBlocks> =>
      importBlocks(sampleFile, { store: chain.store, crypto, config: network.config, logger: log })
    const { head } = chain.store
    await expect(importAll()).rejects.toMatchObject({ code: 'NODE_STORE' })
    await expect(importAll()).rejects.toMatchObject({ code: 'NODE_STORE' })
    const stored = head().number
    expect(stored).toBeGreaterThan(0)
    expect(await chain.store.headerRange(0, stored + 1)).toHaveLength(stored + 1)
    disk.grow(64)
    await expect.poll(() => log.lines.at(-1), { timeout: 15_000 }).toBe('There is room on the disk again')
    expect(await importAll()).toEqual({ imported: 1200 - stored, skipped: stored })
    expect(log.lines.filter((line) => line.startsWith('Disk full'))).toHaveLength(1)
    await chain[Symbol.asyncDispose]()
    const again = await openChain(disk.path, network, { logger: log })
    expect(again.store.head().number).toBe(1200)
    const hashes = await again.store.hashRange(0, 1201)
    expect((await again.store.bodies(hashes)).includes(undefined)).toBe(false)
    await again[Symbol.asyncDispose]()
  }, 40_000)

  test('ends an import in one line; the next goes on where it was', async (context) => {
    const disk = await smallDisk(1)
    if (disk === undefined) return context.skip('mounting a tmpfs is not allowed here')
    const args = ['import', sampleFile, '--genesis', sampleGenesis, '--datadir', disk.path]
    const { code, output } = await runCli(...args)
    expect(code).toBe(1)
    expect(output).toMatch(/ethwire: .*no room on the disk/)
    disk.grow(64)
    const next = await runCli(...args)
    expect(next.code).toBe(0)
    expect(next.output).toContain('"head":1200')
  })

  test('stops a sync, which goes on by itself when there is room', async (context) => {
    const disk = await smallDisk(2)
    if (disk === undefined) return context.skip('mounting a tmpfs is not allowed here')
    const common = ['run', '--addr', '127.0.0.1', '--port', '0', '--genesis', sampleGenesis]
    const datadir = await temporaryDirectory()
    expect((await runCli('import', sampleFile, '--genesis', sampleGenesis, '--datadir', datadir)).code).toBe(0)
    const serving = startCli(...common, '--datadir', datadir)
    await serving.said('Started P2P networking')
    const enode = /enode:\/\/[0-9a-f]+@127\.0\.0\.1:\d+/.exec(serving.output())?.[0] ?? ''
    const node = startCli(...common, '--datadir', disk.path, '--staticnodes', enode)
    await node.said('Disk full')
    disk.grow(64)
    await node.said('"msg":"Synced"')
    expect(node.output().split('Disk full')).toHaveLength(2)
    node.child.kill('SIGTERM')
    expect((await node.ended).code).toBe(0)
    const chain = await openChain(disk.path, await sampleNetwork())
    expect(chain.store.head().number).toBe(1200)
    await chain[Symbol.asyncDispose]()
  }, 60_000)
})
