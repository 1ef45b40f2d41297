import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseIp } from '@ethwire/netutil'
import { codeOf, NodeError, reasonOf } from '../errors.ts'
import { createByteCollector } from './byte-collector.ts'
import type { Dispatcher } from './dispatcher.ts'

export interface HttpServerOptions {
  /** The address to bind. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Host names that a request may name; addresses always may. `*` allows all. */
  readonly vhosts: readonly string[]
  readonly dispatcher: Dispatcher
  /** The flag that has the port, for who finds it taken. */
  readonly portFlag?: string
}

export interface HttpServer {
  /** `http://127.0.0.1:8545` */
  readonly url: string
  readonly port: number
  /** Ends open requests too. Idempotent. */
  close(): Promise<void>
}

/** geth's limits. */
const maxBodyBytes = 5 * 1024 * 1024
const requestTimeoutMs = 30_000
const keepAliveTimeoutMs = 120_000
const acceptedTypes = ['application/json', 'application/json-rpc', 'application/jsonrequest']
/** More are refused by the operating system's queue and, above that, by Node. */
const maxConnections = 256

/**
 * JSON-RPC over HTTP. A page in a browser must not reach it: a request is answered only if it names a known host (no
 * DNS rebinding) and has a content type that a page cannot send to strangers.
 * @throws NodeError `NODE_LISTEN`
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, dispatcher, portFlag = '--http.port' } = options
  const vhosts = new Set(options.vhosts.map((name) => name.toLowerCase()))
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
    (request, response) => {
      handle(request, response, vhosts, dispatcher).catch(() => response.destroy())
    },
  )
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(host, port, portFlag, error)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new NodeError('NODE_LISTEN', 'the HTTP server has no address')
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listenError(host: string, port: number, portFlag: string, error: unknown): NodeError {
  const problem =
    codeOf(error) === 'EADDRINUSE' ? `address already in use; choose another ${portFlag}` : reasonOf(error)
  return new NodeError('NODE_LISTEN', `cannot serve JSON-RPC on ${host}:${port}: ${problem}`, { cause: error })
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  vhosts: ReadonlySet<string>,
  dispatcher: Dispatcher,
): Promise<void> {
  const refusal = refuse(request, vhosts)
  if (refusal !== undefined) return sendText(response, ...refusal)
  const body = await readBody(request)
  if (body === undefined) return sendText(response, 413, `content length too large (>${maxBodyBytes})`)
  const { text, rejected } = await dispatcher.answer(body)
  response.writeHead(rejected ? 400 : 200, { 'content-type': 'application/json' })
  response.end(text === '' ? undefined : `${text}\n`)
}

/** Why a request is not even read, in geth's order and words. */
function refuse(request: IncomingMessage, vhosts: ReadonlySet<string>): [status: number, text: string] | undefined {
  const { host } = request.headers
  if (host !== undefined && !isAllowedHost(host, vhosts)) return [403, 'invalid host specified']
  if (request.method === 'GET' && request.headers['content-length'] === undefined) return [200, '']
  if (request.method !== 'POST') return [405, 'method not allowed']
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
    return [413, `content length too large (${request.headers['content-length']}>${maxBodyBytes})`]
  }
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === undefined || !acceptedTypes.includes(type)) {
    return [415, `invalid content type, only ${acceptedTypes[0]} is supported`]
  }
  return undefined
}

function isAllowedHost(host: string, vhosts: ReadonlySet<string>): boolean {
  const bare = host.toLowerCase().replace(/:\d{1,5}$/, '')
  const address = bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
  return parseIp(address) !== undefined || vhosts.has('*') || vhosts.has(bare)
}

/** Undefined if it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const body = createByteCollector(maxBodyBytes)
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (!body.add(chunk)) return undefined
  }
  return body.take()
}

function sendText(response: ServerResponse, status: number, text: string): void {
  // What is left of the body is not read: the connection ends here.
  const headers = status < 400 ? {} : { connection: 'close' }
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text === '' ? undefined : `${text}\n`)
}
