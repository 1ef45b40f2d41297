import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@ethwire/io'
import { parseIp } from '@ethwire/netutil'
import { createByteCollector } from './byte-collector.ts'
import { type Cors, createCors } from './cors.ts'
import type { Dispatcher } from './dispatcher.ts'
import { sendText } from './http-text.ts'
import type { RpcMemory, RpcShare } from './rpc-memory.ts'

/** JSON-RPC by requests of HTTP. */
export interface HttpCallsOptions {
  /** Host names that a request may name; addresses always may. `*` allows all. */
  readonly vhosts: readonly string[]
  /** Origins whose pages may read answers, see `createCors`. */
  readonly corsDomains?: readonly string[]
  readonly dispatcher: Dispatcher
  readonly memory: RpcMemory
  readonly clock: Clock
}

/** Answers a request. */
export type HttpCalls = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** geth's limit. */
const maxBodyBytes = 5 * 1024 * 1024
/** geth's, for an answer that is not taken. */
const writeTimeoutMs = 30_000
const acceptedTypes = ['application/json', 'application/json-rpc', 'application/jsonrequest']

/**
 * A page in a browser must not reach it: a request is answered only if it names a known host (no DNS rebinding) and has a
 * content type that a page cannot send to strangers without having asked.
 */
export function createHttpCalls(options: HttpCallsOptions): HttpCalls {
  const { dispatcher, memory, clock } = options
  const vhosts = new Set(options.vhosts.map((name) => name.toLowerCase()))
  const cors = createCors(options.corsDomains ?? [])

  return async (request, response) => {
    // geth looks at the path first, and says nothing about it.
    if (!isAtRoot(request)) return sendText(response, 404, '')
    if (!isAllowedHost(request.headers.host, vhosts)) return sendText(response, 403, 'invalid host specified')
    if (answerPreflight(request, response, cors)) return
    for (const [name, value] of Object.entries(cors?.headers(request) ?? {})) response.setHeader(name, value)
    const refusal = refuse(request)
    if (refusal !== undefined) return sendText(response, ...refusal)
    const { socket } = request
    const share = memory.share(() => socket.destroy())
    response.once('close', share.close)
    const body = await readBody(request, share)
    if (body === undefined) return sendText(response, 413, `content length too large (>${maxBodyBytes})`)
    const { text, rejected } = await dispatcher.answer(body, (bytes) => share.hold('answers', bytes))
    if (response.destroyed) return
    const late = clock.setTimer(writeTimeoutMs, () => socket.destroy())
    response.once('close', () => late.cancel())
    response.writeHead(rejected ? 400 : 200, { 'content-type': 'application/json' })
    response.end(text === '' ? undefined : `${text}\n`)
  }
}

function answerPreflight(request: IncomingMessage, response: ServerResponse, cors: Cors | undefined): boolean {
  const headers = cors?.preflight(request)
  if (headers === undefined) return false
  response.writeHead(204, headers)
  response.end()
  return true
}

/** Why a request is not even read, in geth's order and words. */
function refuse(request: IncomingMessage): [status: number, text: string] | undefined {
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

function isAtRoot({ url = '/' }: IncomingMessage): boolean {
  const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)
  return path === '/' || path === ''
}

function isAllowedHost(host: string | undefined, vhosts: ReadonlySet<string>): boolean {
  if (host === undefined) return true
  const bare = host.toLowerCase().replace(/:\d{1,5}$/, '')
  const address = bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
  return parseIp(address) !== undefined || vhosts.has('*') || vhosts.has(bare)
}

/** Undefined if it is too long. */
async function readBody(request: IncomingMessage, share: RpcShare): Promise<string | undefined> {
  const body = createByteCollector(maxBodyBytes)
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (!body.add(chunk)) return undefined
    share.hold('calls', body.length)
  }
  return body.take()
}
