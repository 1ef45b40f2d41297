import { once } from 'node:events'
import { connect } from 'node:net'
import type { Clock } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHttpServer, type HttpServer } from '../src/rpc/http-server.ts'
import type { RpcNamespace } from '../src/rpc/methods.ts'
import { createRpcMemory } from '../src/rpc/rpc-memory.ts'
import { createRpcTurns } from '../src/rpc/turns.ts'
import {
  callText,
  dispatcherOf,
  rpcFailure as failure,
  openWebSocket,
  rpcResult as result,
  upgradeStatus,
} from './rpc-support.ts'
import { keepingLogger } from './support.ts'

interface Parts {
  readonly origins?: readonly string[]
  readonly clock?: Clock
  readonly withHttp?: true
  readonly logger?: ReturnType<typeof keepingLogger>
  readonly maxHeldBytes?: number
}

interface Started {
  readonly url: string
  readonly server: HttpServer
  /** Tells all subscribers of `test_news`. */
  tell(news: unknown): void
  subscribers(): number
}

async function start({
  origins = [],
  clock = nodeClock,
  withHttp,
  logger = keepingLogger(),
  maxHeldBytes,
}: Parts = {}): Promise<Started> {
  const listeners = new Set<(news: unknown) => void>()
  const namespace: RpcNamespace = {
    echo: (params) => params,
    big: () => 'x'.repeat(20_000_000),
    tell: ([news]) => {
      for (const listener of listeners) listener(news)
      return true
    },
  }
  const news = (tell: (result: unknown) => void): (() => void) => {
    listeners.add(tell)
    return () => void listeners.delete(tell)
  }
  const dispatcher = dispatcherOf({ test: namespace }, { subscriptions: { test: { news } }, logger })
  const memory = createRpcMemory(logger, maxHeldBytes)
  const server = await createHttpServer({
    ...{ host: '127.0.0.1', port: 0, portFlag: '--ws.port', logger },
    ...(withHttp && { http: { vhosts: [], dispatcher, memory, clock } }),
    webSocket: { origins, dispatcher, memory, turns: createRpcTurns({ clock: nodeClock }), clock, logger },
  })
  onTestFinished(() => server.close())
  return {
    url: `ws://${server.address}`,
    server,
    tell: (what) => {
      for (const listener of listeners) listener(what)
    },
    subscribers: () => listeners.size,
  }
}

const notification = (subscription: unknown, what: unknown): object => ({
  ...{ jsonrpc: '2.0', method: 'test_subscription' },
  params: { subscription, result: what },
})

async function subscribed(client: Awaited<ReturnType<typeof openWebSocket>>): Promise<string> {
  const answer = (await client.call('test_subscribe', ['news'])) as { result: string }
  expect(answer.result).toMatch(/^0x[1-9a-f][0-9a-f]{0,31}$/)
  return answer.result
}

describe('JSON-RPC over WebSockets', () => {
  test('answers calls and batches in their order, as text or as bytes', async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    client.socket.send(callText('test_echo', ['ä'], 1))
    client.socket.send(Buffer.from(callText('test_echo', [2], 2)))
    client.socket.send(`[${callText('test_echo', [], 3)},${callText('test_nothing', [], 4)}]`)
    expect(await client.message()).toEqual(result(['ä']))
    expect(await client.message()).toEqual(result([2], 2))
    expect(await client.message()).toMatchObject([{ id: 3 }, { id: 4, error: { code: -32601 } }])
    client.socket.send('GET / HTTP/1.1')
    expect(await client.message()).toEqual(failure(-32700, 'parse error', null))
  })

  test('is on the port of HTTP, if that is wished, and else alone on its own', async () => {
    const both = await start({ withHttp: true })
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: callText('test_echo') }
    expect(await (await fetch(`http://${both.server.address}`, post)).json()).toEqual(result([]))
    const client = await openWebSocket(both.url)
    expect(await client.call('test_echo')).toEqual(result([]))
    const alone = await start()
    expect((await fetch(`http://${alone.server.address}`, post)).status).toBe(404)
    expect(await upgradeStatus(`${alone.url}/elsewhere`)).toBe(404)
    expect(await upgradeStatus(`${alone.url}/?key=1`)).toBe(101)
  })

  test('takes a request that offers another protocol as one that does not', async () => {
    const { server } = await start({ withHttp: true })
    const socket = connect(server.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const body = callText('test_echo')
    socket.write(
      `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    const [head] = (await once(socket, 'data')) as [Buffer]
    // Node before 24.9 cannot tell them apart, and refuses it.
    expect(head.toString()).toMatch(/^HTTP\/1\.1 (200|405)/)
  })

  test('case 80: a page of a foreign origin is refused; who names none is no browser', async () => {
    const logger = keepingLogger()
    const { url } = await start({ logger })
    for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'https://localhost', 'null', '%%']) {
      expect(await upgradeStatus(url, origin), origin).toBe(403)
    }
    expect(logger.lines).toContain('Rejected WebSocket connection')
    for (const origin of [undefined, 'http://localhost', 'http://LOCALHOST:3000']) {
      expect(await upgradeStatus(url, origin), origin).toBe(101)
    }
    const named = await start({ origins: ['https://app.example:8080', 'other.example'] })
    for (const [origin, status] of [
      ['https://app.example:8080', 101],
      ['http://app.example:8080', 403],
      ['https://app.example', 403],
      ['http://other.example:1', 101],
      ['http://localhost', 403],
    ] as const) {
      expect(await upgradeStatus(named.url, origin), origin).toBe(status)
    }
    expect(await upgradeStatus((await start({ origins: ['*'] })).url, 'https://any.example')).toBe(101)
  })

  test('case 79: a page that has made our address a name of its own still is of its own origin', async () => {
    const { url } = await start()
    expect(await upgradeStatus(url, 'http://evil.example', 'evil.example')).toBe(403)
  })

  test('case 82: a message of 6 MB ends its connection, in one frame or in many', async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    client.socket.send(callText('test_echo', ['x'.repeat(6_000_000)]))
    expect(await client.closed).toBe(1009)
    const cut = await openWebSocket(url)
    for (let i = 0; i < 6; i++) cut.socket.send('x'.repeat(1_000_000), { fin: false })
    expect(await cut.closed).toBe(1009)
    const crumbs = await openWebSocket(url)
    for (let i = 0; i < 20_000; i++) crumbs.socket.send('x', { fin: false })
    expect(await crumbs.closed).toBe(1008)
    const other = await openWebSocket(url)
    expect(await other.call('test_echo', ['x'.repeat(5_000_000)])).toHaveProperty('result')
  })

  test('case 82: a batch of 10,000 calls and deep JSON are refused', async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    client.socket.send(`[${Array.from({ length: 10_000 }, (_, id) => callText('test_echo', [], id)).join()}]`)
    expect(await client.message()).toEqual([failure(-32600, 'batch too large', 0)])
    client.socket.send('['.repeat(500_000))
    expect(await client.message()).toEqual(failure(-32700, 'the JSON is nested too deeply', null))
    expect(await client.call('test_echo')).toEqual(result([]))
  })

  test('case 82: a compressed message is not taken: a small one could become a large one', async () => {
    const { url } = await start()
    const { socket } = await openWebSocket(url)
    expect(socket.extensions).toBe('')
  })

  test('does not read on for whoever takes no answers, and parts with them after 10 s', async () => {
    const clock = createVirtualClock()
    const { url } = await start({ clock })
    const silent = await openWebSocket(url)
    silent.socket.pause()
    for (let i = 0; i < 50; i++) silent.socket.send(callText('test_big', ['x'.repeat(1_000_000)]))
    const other = await openWebSocket(url)
    // Answers of 20 MB do not fit into what the system keeps.
    for (let i = 0; i < 5; i++) await other.call('test_echo')
    expect(silent.socket.bufferedAmount).toBeGreaterThan(30_000_000)
    await clock.advance(10_000)
    silent.socket.resume()
    expect(await silent.closed).toBe(1006)
    expect(await other.call('test_echo')).toEqual(result([]))
  })

  test('case 82: ends the connection that holds the most when all hold too much', async () => {
    const { url } = await start({ maxHeldBytes: 4_000_000 })
    const [greedy, modest] = [await openWebSocket(url), await openWebSocket(url)]
    greedy.socket.send(`["${'x'.repeat(4_000_000)}`, { fin: false })
    modest.socket.send(`["${'x'.repeat(1_000_000)}`, { fin: false })
    expect(await greedy.closed).toBe(1006)
    modest.socket.send('"]')
    expect(await modest.message()).toMatchObject([{ error: { code: -32600 } }])
    // What was answered is held no longer, nor are pings.
    for (let i = 0; i < 3; i++) {
      for (let pings = 0; pings < 10; pings++) modest.socket.ping(Buffer.alloc(125))
      expect(await modest.call('test_echo', ['x'.repeat(1_900_000)])).toHaveProperty('result')
    }
  })

  test('parts with a ping flood whose answers nobody takes', async () => {
    const { url } = await start()
    const { socket, closed } = await openWebSocket(url)
    socket.pause()
    // More than the system keeps of answers.
    for (let i = 0; i < 200_000 && socket.readyState === socket.OPEN; i++) {
      socket.ping(Buffer.alloc(125))
      if (i % 1_000 === 0) await new Promise(setImmediate)
    }
    socket.resume()
    expect(await closed).toBe(1006)
  })

  test('asks who is silent whether it is there, and parts with who says nothing', async () => {
    const clock = createVirtualClock()
    const { url } = await start({ clock })
    const [living, dead] = [await openWebSocket(url), await openWebSocket(url)]
    const asked = (): Promise<unknown> => Promise.all([living, dead].map(({ socket }) => once(socket, 'ping')))
    let pings = asked()
    await clock.advance(30_000)
    await pings
    living.socket.pong()
    expect(await living.call('test_echo')).toEqual(result([]))
    pings = once(living.socket, 'ping')
    await clock.advance(30_000)
    await pings
    expect(await dead.closed).toBe(1006)
    expect(await living.call('test_echo')).toEqual(result([]))
  })

  test('serves 128 connections and refuses more', async () => {
    const { url } = await start()
    const connections = await Promise.all(Array.from({ length: 128 }, () => openWebSocket(url)))
    expect(await upgradeStatus(url)).toBe(503)
    for (const connection of connections.slice(0, 2)) connection.socket.close()
    await Promise.all(connections.slice(0, 2).map(({ closed }) => closed))
    expect(await connections.at(-1)?.call('test_echo')).toEqual(result([]))
    await expect.poll(() => upgradeStatus(url)).toBe(101)
  })

  test('says that it goes away when the server closes, and waits for nobody', async () => {
    const { url, server } = await start()
    const [polite, silent] = [await openWebSocket(url), await openWebSocket(url)]
    silent.socket.pause()
    const closed = server.close()
    expect(await polite.closed).toBe(1001)
    await closed
    await expect(openWebSocket(url)).rejects.toThrow()
  })
})

describe('a subscription', () => {
  test('tells what happens from its answer on until it is ended', async () => {
    const { url, tell, subscribers } = await start()
    const client = await openWebSocket(url)
    const id = await subscribed(client)
    tell({ a: 1 })
    tell('b')
    expect(await client.message()).toEqual(notification(id, { a: 1 }))
    expect(await client.message()).toEqual(notification(id, 'b'))
    expect(await client.call('test_unsubscribe', [id])).toEqual(result(true))
    expect(subscribers()).toBe(0)
    tell('c')
    expect(await client.call('test_unsubscribe', [id])).toEqual(failure(-32000, 'subscription not found'))
  })

  test('tells nothing before its answer, and loses nothing that happens meanwhile', async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    const calls = [callText('test_subscribe', ['news'], 1), callText('test_tell', ['meanwhile'], 2)]
    client.socket.send(`[${calls.join()}]`)
    const [{ result: id }, told] = (await client.message()) as [{ result: string }, object]
    expect(told).toEqual(result(true, 2))
    expect(await client.message()).toEqual(notification(id, 'meanwhile'))
  })

  test('ends with its connection', async () => {
    const { url, subscribers } = await start()
    const client = await openWebSocket(url)
    await subscribed(client)
    await subscribed(client)
    expect(subscribers()).toBe(2)
    client.socket.terminate()
    await expect.poll(subscribers).toBe(0)
  })

  test("is refused in geth's words", async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    for (const [method, params, error] of [
      ['test_subscribe', ['olds'], failure(-32601, 'no "olds" subscription in test namespace')],
      ['test_subscribe', ['__proto__'], failure(-32601, 'no "__proto__" subscription in test namespace')],
      ['eth_subscribe', ['newHeads'], failure(-32601, 'no "newHeads" subscription in eth namespace')],
      ['test_subscribe', [], failure(-32602, 'expected subscription name as first argument')],
      ['test_subscribe', ['news', 1], failure(-32602, 'too many arguments, want at most 1')],
      ['test_unsubscribe', [], failure(-32602, 'missing value for required argument 0')],
      ['test_unsubscribe', ['0x1'], failure(-32000, 'subscription not found')],
    ] as const) {
      expect(await client.call(method, params), method).toEqual(error)
    }
    const { server } = await start({ withHttp: true })
    const response = await fetch(`http://${server.address}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: callText('test_subscribe', ['news']),
    })
    expect(await response.json()).toEqual(failure(-32601, 'notifications not supported'))
  })

  test('is one of 16 on a connection at most', async () => {
    const { url } = await start()
    const client = await openWebSocket(url)
    for (let i = 0; i < 16; i++) await subscribed(client)
    expect(await client.call('test_subscribe', ['news'])).toEqual(failure(-32000, 'there are 16 subscriptions already'))
  })

  test('case 82: of a client that never reads ends with its connection; others miss nothing', async () => {
    const logger = keepingLogger()
    const { url, tell, subscribers } = await start({ logger })
    const [silent, reader] = [await openWebSocket(url), await openWebSocket(url)]
    const id = await subscribed(reader)
    await subscribed(silent)
    silent.socket.pause()
    const news = 'x'.repeat(10_000)
    let count = 0
    // The system takes some megabytes before anything waits here.
    while (subscribers() === 2 && count < 5_000) {
      tell(`${count++}${news}`)
      expect(await reader.message()).toEqual(notification(id, `${count - 1}${news}`))
    }
    expect(subscribers()).toBe(1)
    expect(logger.lines).toContain('A subscriber does not keep up, and is disconnected')
    silent.socket.resume()
    expect(await silent.closed).toBe(1006)
    tell('still there')
    expect(await reader.message()).toEqual(notification(id, 'still there'))
  })
})
