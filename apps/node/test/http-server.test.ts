import { request } from 'node:http'
import { type Clock, silentLogger } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHttpServer, type HttpServer } from '../src/rpc/http-server.ts'
import type { RpcNamespace } from '../src/rpc/methods.ts'
import { createRpcMemory } from '../src/rpc/rpc-memory.ts'
import { connectTo, dispatcherOf } from './rpc-support.ts'

const test_: RpcNamespace = {
  echo: (params) => params,
  fail: () => {
    throw new Error('a secret')
  },
  big: () => 'x'.repeat(1_000_000),
  slow: () => new Promise((resolve) => slowCalls.push(resolve)),
}

// bounded: the calls of a test
const slowCalls: ((result: unknown) => void)[] = []

interface Limits {
  readonly clock?: Clock
  readonly requestTimeoutMs?: number
  readonly maxHeldBytes?: number
}

async function start(
  vhosts: readonly string[] = ['localhost'],
  corsDomains: readonly string[] = [],
  { clock = nodeClock, requestTimeoutMs, maxHeldBytes }: Limits = {},
): Promise<HttpServer> {
  const dispatcher = dispatcherOf({ test: test_ })
  const http = { vhosts, dispatcher, corsDomains, clock, memory: createRpcMemory(silentLogger, maxHeldBytes) }
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    portFlag: '--http.port',
    http,
    ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
    logger: silentLogger,
  })
  onTestFinished(() => server.close())
  return server
}

interface Answer {
  readonly status: number
  readonly text: string
}

interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
}

/** `fetch` would not let us name another host. */
function send(
  server: HttpServer,
  body: string | undefined,
  { method = 'POST', headers = {} }: Sent = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers }
    const call = request({ host: '127.0.0.1', port: server.port, method, headers: all, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: text.trim() }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

const headers = (length: number): string =>
  `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

const call = (method: string, params: unknown = [], id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })
const error = (code: number, message: string, id: unknown = 1): object => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
})

describe('JSON-RPC over HTTP', () => {
  test('answers calls and batches, and notifications with nothing', async () => {
    const server = await start()
    const one = await send(server, call('test_echo', ['a', 1]))
    expect(one.status).toBe(200)
    expect(JSON.parse(one.text)).toEqual({ jsonrpc: '2.0', id: 1, result: ['a', 1] })
    const batch = await send(server, `[${call('test_echo', [1], 'x')},${call('test_nothing', [], 2)}]`)
    expect(JSON.parse(batch.text)).toEqual([
      { jsonrpc: '2.0', id: 'x', result: [1] },
      error(-32601, 'the method test_nothing does not exist/is not available', 2),
    ])
    expect(await send(server, '{"jsonrpc":"2.0","method":"test_echo","params":[]}')).toEqual({ status: 200, text: '' })
  })

  test("says what is wrong in geth's words", async () => {
    const server = await start()
    const answer = async (body: string): Promise<unknown> => JSON.parse((await send(server, body)).text)
    expect(await answer('{')).toEqual(error(-32700, 'parse error', null))
    expect(await answer('{"id":1}')).toEqual(error(-32600, 'invalid request'))
    expect(await answer('7')).toEqual(error(-32600, 'invalid request', null))
    expect(await answer(call('__proto__'))).toMatchObject({ error: { code: -32601 } })
    expect(await answer(call('test_echo', { a: 1 }))).toEqual(error(-32602, 'non-array args'))
    expect(await answer(call('test_fail'))).toEqual(error(-32603, 'internal error'))
  })

  test('case 79: a foreign Host header is refused, so that no page reaches it by rebinding a name', async () => {
    const server = await start()
    const asked = (host: string): Promise<Answer> => send(server, call('test_echo'), { headers: { host } })
    for (const host of ['evil.example', 'evil.example:8545', 'localhost.evil.example', 'localhost@evil']) {
      expect(await asked(host), host).toEqual({ status: 403, text: 'invalid host specified' })
    }
    for (const host of ['localhost', 'LOCALHOST:8545', '127.0.0.1:1', '[::1]:8545', '10.0.0.7']) {
      expect(await asked(host), host).toMatchObject({ status: 200 })
    }
    expect(await send(await start(['*']), call('test_echo'), { headers: { host: 'any.example' } })).toMatchObject({
      status: 200,
    })
  })

  test('case 80: a content type that any page may send is refused', async () => {
    const server = await start()
    const sent = (type: string): Promise<Answer> =>
      send(server, call('test_echo'), { headers: { 'content-type': type } })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '', 'application/jsonx']) {
      expect(await sent(type), type).toMatchObject({ status: 415 })
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/json-rpc']) {
      expect(await sent(type), type).toMatchObject({ status: 200 })
    }
  })

  test('tells browsers which pages may use it, if that is wished', async () => {
    const headersOf = async (server: HttpServer, origin: string, init: RequestInit = {}): Promise<Headers> => {
      const { headers } = await fetch(`http://${server.address}`, { ...init, headers: { origin, ...init.headers } })
      return headers
    }
    const [page, other] = ['https://app.example', 'https://evil.example']
    const allowed = 'access-control-allow-origin'
    const server = await start(['localhost'], [page, 'http://*.lan'])
    for (const [origin, seen] of [
      [page, page],
      ['http://a.b.lan', 'http://a.b.lan'],
      [other, null],
      ['http://.lan.evil.example', null],
      [`${page}:8080`, null],
      ['null', null],
    ] as const) {
      expect((await headersOf(server, origin)).get(allowed), origin).toBe(seen)
    }
    const ask = (origin: string, method: string): Promise<Headers> =>
      headersOf(server, origin, {
        method: 'OPTIONS',
        headers: { 'access-control-request-method': method, 'access-control-request-headers': 'content-type' },
      })
    expect(Object.fromEntries(await ask(page, 'POST'))).toMatchObject({
      ...{ [allowed]: page, 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type' },
      ...{ 'access-control-max-age': '600', vary: expect.stringContaining('Origin') },
    })
    for (const headers of [await ask(other, 'POST'), await ask(page, 'DELETE')]) {
      expect(headers.get(allowed)).toBeNull()
      expect(headers.get('access-control-allow-headers')).toBeNull()
    }
    expect((await headersOf(await start(['localhost'], ['*']), other)).get(allowed)).toBe('*')
    expect((await headersOf(await start(), page)).get(allowed)).toBeNull()
    // A name that a page has made its own does not help it.
    const rebound = { method: 'OPTIONS', headers: { host: 'evil.example', 'access-control-request-method': 'POST' } }
    expect(await send(server, undefined, rebound)).toMatchObject({ status: 403 })
  })

  test('takes POST; GET without a body is how monitors ask whether it is there', async () => {
    const server = await start()
    expect(await send(server, undefined, { method: 'GET' })).toEqual({ status: 200, text: '' })
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      expect(await send(server, undefined, { method }), method).toMatchObject({ status: 405 })
    }
  })

  test('case 82: a body of 6 MB is refused, whether its length is told or not', async () => {
    const server = await start()
    const body = call('test_echo', ['x'.repeat(6_000_000)])
    const told = await send(server, body).catch((cause: NodeJS.ErrnoException) => ({ status: cause.code, text: '' }))
    // The refusal may come while the body is still being sent, and then looks like a broken pipe.
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(told.status)
    const untold = await send(server, body, { headers: { 'transfer-encoding': 'chunked' } }).catch(
      (cause: NodeJS.ErrnoException) => ({ status: cause.code, text: '' }),
    )
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(untold.status)
    expect(
      await send(server, undefined, { headers: { 'content-length': '6000000' } }).catch(() => ({ status: 413 })),
    ).toMatchObject({
      status: 413,
    })
    expect(await send(server, call('test_echo'))).toMatchObject({ status: 200 })
  })

  test('case 82: a batch of 10,000 calls is refused', async () => {
    const server = await start()
    const batch = `[${Array.from({ length: 10_000 }, (_, id) => call('test_echo', [], id)).join(',')}]`
    const { status, text } = await send(server, batch)
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual([error(-32600, 'batch too large', 0)])
    expect(await send(server, '[]')).toMatchObject({ status: 400 })
  })

  test('case 82: deeply nested JSON is refused', async () => {
    const server = await start()
    for (const open of ['[', '{"a":']) {
      const { status, text } = await send(server, open.repeat(500_000))
      expect(status).toBe(400)
      expect(JSON.parse(text)).toMatchObject({ error: { code: -32700 } })
    }
    expect(await send(server, call('test_echo', ['[[['.repeat(1000)]))).toMatchObject({ status: 200 })
  })

  test('stops a batch whose answers are too long', async () => {
    const server = await start()
    const batch = `[${Array.from({ length: 40 }, (_, id) => call('test_big', [], id)).join(',')}]`
    const answers = JSON.parse((await send(server, batch)).text) as object[]
    expect(answers).toHaveLength(40)
    expect(answers.at(0)).toHaveProperty('result')
    expect(answers.at(-1)).toEqual(error(-32003, 'response too large', 39))
  })

  test('case 82: counts what the notifications of a batch cost, and stops there', async () => {
    let called = 0
    const big = (): string => {
      called++
      return 'x'.repeat(1_000_000)
    }
    const dispatcher = dispatcherOf({ test: { big } })
    const notification = '{"jsonrpc":"2.0","method":"test_big","params":[]}'
    const batch = `[${`${notification},`.repeat(900)}${call('test_big')}]`
    expect(JSON.parse((await dispatcher.answer(batch)).text)).toEqual([error(-32003, 'response too large')])
    expect(called).toBe(25)
    expect((await dispatcher.answer(`[${notification}]`)).text).toBe('')
  })

  test.each([
    ['headers', 'POST / HTTP/1.1\r\nhost: local'],
    ['body', `${headers(1_000)}{"jsonrpc"`],
  ])('ends a request whose %s do not come within its time', async (_, part) => {
    const server = await start(undefined, undefined, { requestTimeoutMs: 50 })
    const { socket, ended } = await connectTo(server.port)
    socket.write(part)
    expect(await ended).toContain('408')
    expect(await send(server, call('test_echo'))).toMatchObject({ status: 200 })
  })

  test('ends a connection that does not take its answer within 30 s', async () => {
    const clock = createVirtualClock()
    const server = await start(undefined, undefined, { clock })
    const { socket, ended } = await connectTo(server.port)
    socket.pause()
    const batch = `[${Array.from({ length: 20 }, (_, id) => call('test_big', [], id)).join(',')}]`
    socket.write(headers(batch.length) + batch)
    await expect.poll(() => clock.timers).toBe(1)
    await clock.advance(30_000)
    socket.resume()
    expect((await ended).length).toBeLessThan(20_000_000)
    expect(clock.timers).toBe(0)
  })

  test('parses nothing of more values than calls have', async () => {
    const server = await start()
    for (const body of [`[${'{},'.repeat(120_000)}0]`, call('test_echo', [Array(120_000).fill(0)])]) {
      const { status, text } = await send(server, body)
      expect([status, JSON.parse(text)]).toEqual([400, error(-32600, 'more than 100000 values', null)])
    }
    const { text } = await send(server, call('test_echo', [','.repeat(200_000)]))
    expect(JSON.parse(text)).toHaveProperty('result')
  })

  test("is at the root alone, as geth's", async () => {
    const server = await start()
    const statusOf = async (path: string): Promise<number> => {
      const { socket, ended } = await connectTo(server.port)
      const body = call('test_echo')
      socket.write(
        headers(body.length).replace('POST /', `POST ${path}`).replace('\r\n', '\r\nconnection: close\r\n') + body,
      )
      return Number((await ended).split(' ')[1])
    }
    expect(await Promise.all(['/foo', '//', '/', '/?a=/b', 'http://localhost/'].map(statusOf))).toEqual([
      ...[404, 404, 200, 200, 200],
    ])
  })

  test('answers the requests of a connection one after the other, and reads no more of them meanwhile', async () => {
    const server = await start()
    const { socket } = await connectTo(server.port)
    let text = ''
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1')
    })
    const request = (body: string): string => headers(body.length) + body
    socket.write(request(call('test_slow')) + request(call('test_slow', [], 2)))
    const filling = request(call('test_echo', ['x'.repeat(50_000)], 3))
    for (let i = 0; i < 400; i++) socket.write(filling)
    await expect.poll(() => slowCalls.length).toBe(1)
    for (let i = 0; i < 20; i++) await send(server, call('test_echo'))
    expect(slowCalls).toHaveLength(1)
    expect(socket.writableLength).toBeGreaterThan(0)
    slowCalls.shift()?.('a')
    await expect.poll(() => slowCalls.length).toBe(1)
    expect(text).toContain('"result":"a"')
    slowCalls.shift()?.('b')
    await expect.poll(() => text.split('"id":3').length, { timeout: 15_000 }).toBe(401)
    expect(text.indexOf('"result":"b"')).toBeGreaterThan(text.indexOf('"result":"a"'))
  })

  test('has the connection that was idle for longest give its place to a new one', async () => {
    const server = await start()
    const idle = await Promise.all(Array.from({ length: 256 }, () => connectTo(server.port)))
    expect(JSON.parse((await send(server, call('test_echo'))).text)).toMatchObject({ result: [] })
    await idle[0]?.ended
  })

  test('leaves nothing behind of a caller that has left before its answer', async () => {
    const clock = createVirtualClock()
    const server = await start(undefined, undefined, { clock })
    const { socket, ended } = await connectTo(server.port)
    const body = `[${call('test_slow')},${call('test_slow')}]`
    socket.write(headers(body.length) + body)
    await expect.poll(() => slowCalls.length).toBe(1)
    socket.destroy()
    await ended
    // Its server has noticed when it has answered another.
    for (let i = 0; i < 3; i++) await send(server, call('test_echo'))
    for (const answer of slowCalls.splice(0)) answer(1)
    await new Promise(setImmediate)
    // Nobody wants the second answer.
    expect([slowCalls.length, clock.timers]).toEqual([0, 0])
  })

  test('case 82: ends the connection that holds the most when all hold too much', async () => {
    const server = await start(undefined, undefined, { maxHeldBytes: 4_000_000 })
    const [greedy, modest] = [await connectTo(server.port), await connectTo(server.port)]
    greedy.socket.write(`${headers(5_000_000)}["${'x'.repeat(4_000_000)}`)
    modest.socket.write(`${headers(1_000_004)}["${'x'.repeat(1_000_000)}`)
    await greedy.ended
    modest.socket.end('"]')
    expect(await modest.ended).toContain('invalid request')
  })

  test('says that its port is taken', async () => {
    const { port } = await start()
    await expect(
      createHttpServer({ host: '127.0.0.1', port, portFlag: '--http.port', logger: silentLogger }),
    ).rejects.toMatchObject({
      code: 'NODE_LISTEN',
      message: expect.stringContaining('address already in use'),
    })
  })
})
