import { once } from 'node:events'
import { lstat, readdir, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { nodeClock } from '@ethwire/io/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectIpc } from '../src/rpc/ipc-client.ts'
import { ipcPathOf } from '../src/rpc/ipc-path.ts'
import { createIpcServer, type IpcServer } from '../src/rpc/ipc-server.ts'
import type { RpcNamespace } from '../src/rpc/methods.ts'
import { createRpcMemory } from '../src/rpc/rpc-memory.ts'
import { connectRaw } from './ipc-support.ts'
import { callText, dispatcherOf, rpcResult as result, rpcFailure } from './rpc-support.ts'
import { keepingLogger, temporaryDirectory } from './support.ts'

const test_: RpcNamespace = { echo: (params) => params, big: () => 'x'.repeat(20_000_000) }

async function socketPath(): Promise<string> {
  return join(await temporaryDirectory(), 'a.ipc')
}

// bounded: the subscriptions of a test
const listeners = new Set<(news: unknown) => void>()
const news = (tell: (result: unknown) => void): (() => void) => {
  listeners.add(tell)
  return () => void listeners.delete(tell)
}

async function start(path: string, maxHeldBytes?: number): Promise<IpcServer> {
  const logger = keepingLogger()
  const memory = createRpcMemory(logger, maxHeldBytes)
  const dispatcher = dispatcherOf({ test: test_ }, { subscriptions: { test: { news } }, logger })
  const server = await createIpcServer({ path, dispatcher, memory, clock: nodeClock, logger })
  onTestFinished(() => server.close())
  return server
}

const error = (code: number, message: unknown, id: unknown = null): object => rpcFailure(code, message, id)

describe('JSON-RPC over a socket', () => {
  test('answers calls in their order, however they are cut and joined', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer } = await connectRaw(path)
    const text = callText('test_echo', ['ä'], 1) + callText('test_echo', [2], 2)
    for (const byte of Buffer.from(text)) socket.write(Uint8Array.of(byte))
    expect([await answer(), await answer()]).toEqual([result(['ä'], 1), result([2], 2)])
    socket.write(`\n[${callText('test_echo', [], 3)},\n${callText('test_nothing', [], 4)}]\n{"jsonrpc":"2.0","id":"x"}`)
    expect(await answer()).toMatchObject([{ id: 3 }, { id: 4, error: { code: -32601 } }])
    expect(await answer()).toEqual(error(-32600, 'invalid request', 'x'))
  })

  test('answers whoever has closed its own direction, then closes', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer, ended } = await connectRaw(path)
    socket.end(callText('test_echo', [7]))
    expect(await answer()).toEqual(result([7]))
    await ended
  })

  test('ends a connection on which something else is said, with the reason', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer, ended } = await connectRaw(path)
    socket.write('GET / HTTP/1.1\r\n\r\n')
    expect(await answer()).toEqual(error(-32700, 'parse error'))
    await ended
    const other = await connectRaw(path)
    other.socket.write(callText('test_echo'))
    expect(await other.answer()).toEqual(result([]))
  })

  test('case 82: a message of 6 MB is refused and its connection closed', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer, ended } = await connectRaw(path)
    socket.write(callText('test_echo', ['x'.repeat(6_000_000)]))
    expect(await answer()).toEqual(error(-32600, expect.stringContaining('message too large')))
    await ended
    const other = await connectRaw(path)
    other.socket.write(callText('test_echo', ['x'.repeat(5_000_000)]))
    expect(await other.answer()).toHaveProperty('result')
  })

  test('case 82: a batch of 10,000 calls and deep JSON are refused', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer } = await connectRaw(path)
    socket.write(`[${Array.from({ length: 10_000 }, (_, id) => callText('test_echo', [], id)).join()}]`)
    expect(await answer()).toEqual([error(-32600, 'batch too large', 0)])
    socket.write('['.repeat(100_000) + ']'.repeat(100_000))
    expect(await answer()).toEqual(error(-32700, 'the JSON is nested too deeply'))
    socket.write(callText('test_echo'))
    expect(await answer()).toEqual(result([]))
  })

  test('does not read on for whoever takes no answers', async () => {
    const { path } = await start(await socketPath())
    const { socket } = await connectRaw(path)
    socket.pause()
    let taken = 0
    for (let i = 0; i < 50; i++) socket.write(callText('test_big', [' '.repeat(1_000_000)]), () => (taken += 1))
    const { socket: other, answer } = await connectRaw(path)
    for (let i = 0; i < 5; i++) {
      other.write(callText('test_echo'))
      await answer()
    }
    expect(taken).toBeLessThan(5)
  })

  test('case 82: ends the connection that holds the most when all hold too much', async () => {
    const { path } = await start(await socketPath(), 4_000_000)
    const [greedy, modest] = [await connectRaw(path), await connectRaw(path)]
    greedy.socket.write(`["${'x'.repeat(4_000_000)}`)
    modest.socket.write(`["${'x'.repeat(1_000_000)}`)
    await greedy.ended
    modest.socket.write(`"]${callText('test_echo')}`)
    await modest.answer()
    expect(await modest.answer()).toEqual(result([]))
  })

  test('tells what was subscribed to, until the connection ends', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer } = await connectRaw(path)
    socket.write(callText('test_subscribe', ['news']))
    const { result: id } = (await answer()) as { result: string }
    for (const tell of listeners) tell(7)
    expect(await answer()).toEqual({
      ...{ jsonrpc: '2.0', method: 'test_subscription' },
      params: { subscription: id, result: 7 },
    })
    socket.destroy()
    await expect.poll(() => listeners.size).toBe(0)
  })

  test('case 82: parts with a subscriber that never reads', async () => {
    const { path } = await start(await socketPath())
    const { socket, answer, ended } = await connectRaw(path)
    socket.write(callText('test_subscribe', ['news']))
    await answer()
    socket.pause()
    for (let i = 0; i < 5_000 && listeners.size > 0; i++) {
      for (const tell of listeners) tell('x'.repeat(10_000))
      await new Promise(setImmediate)
    }
    expect(listeners.size).toBe(0)
    socket.write(callText('test_echo'))
    await ended
  })

  test('serves 64 connections and closes more', async () => {
    const { path } = await start(await socketPath())
    const connections = []
    for (let i = 0; i < 64; i++) connections.push(await connectRaw(path))
    for (const { socket, answer } of connections) {
      socket.write(callText('test_echo'))
      await answer()
    }
    const { ended } = await connectRaw(path)
    await ended
  })
})

describe('the socket', () => {
  test('case 84: is closed to other users, and nothing else is left in its directory', async () => {
    const path = await socketPath()
    await start(path)
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(path, '..'))).toEqual(['a.ipc'])
  })

  test('case 84: has never been open to them, not for a moment, whatever the umask is', async () => {
    const path = await socketPath()
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const seen = new Set<number>()
    let done = false
    const watching = (async () => {
      while (!done) {
        const mode = await lstat(path).then(
          (there) => there.mode & 0o777,
          () => undefined,
        )
        if (mode !== undefined) seen.add(mode)
      }
    })()
    for (let i = 0; i < 50; i++) await (await start(path)).close()
    done = true
    await watching
    expect([...seen].filter((mode) => mode !== 0o600)).toEqual([])
  })

  test("is removed at the end, unless it is another's by then", async () => {
    const path = await socketPath()
    const first = await start(path)
    await first.close()
    await expect(lstat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    const second = await start(path)
    const directory = join(path, '..')
    await unlink(path)
    await writeFile(path, 'another')
    await second.close()
    expect(await readdir(directory)).toEqual(['a.ipc'])
  })

  test('of a living process is left alone, with a clear error', async () => {
    const { path } = await start(await socketPath())
    await expect(start(path)).rejects.toMatchObject({
      code: 'NODE_LISTEN',
      message: expect.stringMatching(/another process listens there.*--ipcpath/),
    })
    const { socket, answer } = await connectRaw(path)
    socket.write(callText('test_echo'))
    expect(await answer()).toEqual(result([]))
  })

  test('is not put where there is a file, or where no path of a socket fits', async () => {
    const path = await socketPath()
    await writeFile(path, 'mine')
    await expect(start(path)).rejects.toMatchObject({
      code: 'NODE_LISTEN',
      message: expect.stringContaining('no socket'),
    })
    const long = join(await temporaryDirectory(), 'x'.repeat(120))
    await expect(start(long)).rejects.toMatchObject({ message: expect.stringContaining('too long') })
  })

  test("is where geth's rules put it", () => {
    expect(ipcPathOf({ datadir: '/d' })).toBe('/d/ethwire.ipc')
    expect(ipcPathOf({ datadir: '/d', ipcpath: 'x.ipc' })).toBe('/d/x.ipc')
    expect(ipcPathOf({ datadir: '/d', ipcpath: '/e/x.ipc' })).toBe('/e/x.ipc')
    expect(ipcPathOf({ datadir: '/d', ipcdisable: true })).toBeUndefined()
    expect(ipcPathOf({ datadir: 'memory' })).toBeUndefined()
    expect(ipcPathOf({ datadir: 'memory', ipcpath: '/e/x.ipc' })).toBe('/e/x.ipc')
    expect(() => ipcPathOf({ datadir: '/d', ipcdisable: true, ipcpath: 'x' })).toThrow('mutually exclusive')
  })
})

describe('the client', () => {
  test('tells what a node answers, and its errors', async () => {
    const { path } = await start(await socketPath())
    using client = await connectIpc(path, nodeClock)
    expect(await client.call('test_echo', [1])).toEqual([1])
    expect(await client.call('test_big', [])).toHaveLength(20_000_000)
    await expect(client.call('test_nothing', [])).rejects.toMatchObject({
      code: 'NODE_IPC',
      message: expect.stringContaining('test_nothing'),
    })
  })

  test('says so when no node is there, or one that says nothing of use', async () => {
    const path = await socketPath()
    await expect(connectIpc(path, nodeClock)).rejects.toMatchObject({
      code: 'NODE_IPC',
      message: expect.stringContaining(`no node listens on ${path}`),
    })
    const server = createServer((socket) => socket.end('220 mail ready\r\n')).listen(path)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    using client = await connectIpc(path, nodeClock)
    await expect(client.call('test_echo', [])).rejects.toMatchObject({
      code: 'NODE_IPC',
      message: `${path}: parse error`,
    })
  })
})
