import { createServer, type IncomingMessage } from 'node:http'
import type { Logger } from '@ethwire/io'
import { listenOn } from '../listening.ts'
import { createHttpCalls, type HttpCallsOptions } from './http-calls.ts'
import { createHttpConnections } from './http-connections.ts'
import { sendText } from './http-text.ts'
import { createWebSocketCalls, type WebSocketCallsOptions } from './web-socket-calls.ts'

export interface HttpServerOptions {
  /** The address to bind. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The flag that has the port, for who finds it taken. */
  readonly portFlag: string
  /** Absent: requests of HTTP find nothing. */
  readonly http?: HttpCallsOptions | undefined
  /** Absent: there are no WebSockets. */
  readonly webSocket?: WebSocketCallsOptions | undefined
  /** For a request's headers, and for all of it. Default 10 s: geth has 30 s, but a call is small. */
  readonly requestTimeoutMs?: number
  /** For what goes wrong with the server itself. */
  readonly logger: Logger
}

export interface HttpServer {
  /** `127.0.0.1:8545` */
  readonly address: string
  readonly port: number
  /** Ends open requests and WebSockets too. Idempotent. */
  close(): Promise<void>
}

const defaultRequestTimeoutMs = 10_000
/** How often Node looks after them; its default would give each request half a minute more. */
const timeoutCheckMs = 1_000
/** geth's. */
const keepAliveTimeoutMs = 120_000
/** More are refused by Node, as long as all of them are busy. */
const maxConnections = 256

/** JSON-RPC over HTTP, over WebSockets, or both on one port. @throws NodeError `NODE_LISTEN` */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, portFlag, requestTimeoutMs = defaultRequestTimeoutMs, logger } = options
  const calls = options.http && createHttpCalls(options.http)
  const webSockets = options.webSocket && createWebSocketCalls(options.webSocket)
  const connections = createHttpConnections(maxConnections)
  const server = createServer(
    {
      ...{ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs },
      connectionsCheckingInterval: Math.min(timeoutCheckMs, requestTimeoutMs),
      // What cannot become a WebSocket stays a request, where Node can tell: some clients offer HTTP/2 with their first.
      shouldUpgradeCallback: (request: IncomingMessage) => webSockets !== undefined && isWebSocketRequest(request),
    },
    (request, response) => {
      connections.enter(request, response, () => {
        if (calls === undefined) sendText(response, 404, 'not found')
        else calls(request, response).catch(() => response.destroy())
      })
    },
  )
  server.on('connection', connections.add)
  if (webSockets !== undefined) {
    server.on('upgrade', (request, socket, head) => {
      connections.upgraded(socket)
      webSockets.upgrade(request, socket, head)
    })
  }
  server.maxConnections = maxConnections
  const bound = await listenOn(server, { host, port, portFlag, what: 'JSON-RPC', logger })
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    port: bound.port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.all([closed, webSockets?.close()])
    },
  }
}

function isWebSocketRequest({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
