import { createServer, type RequestListener } from 'node:http'
import type { Logger } from '@ethwire/io'
import { reasonOf } from '../errors.ts'
import { listenOn } from '../listening.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

export interface MetricsServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly metrics: Pick<PrometheusMetrics, 'contentType' | 'text'>
  /** For what goes wrong with the server itself. */
  readonly logger: Logger
}

export interface MetricsServer extends AsyncDisposable {
  /** `http://127.0.0.1:6060/debug/metrics/prometheus` */
  readonly url: string
}

/** geth's. */
const path = '/debug/metrics/prometheus'
const requestTimeoutMs = 10_000
/** How often Node looks after that; its default would give each request half a minute more. */
const timeoutCheckMs = 1_000
const maxConnections = 16

/** Serves metrics to Prometheus, where geth does. @throws NodeError `NODE_LISTEN` */
export async function createMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port, metrics, logger } = options
  const answer: RequestListener = (request, response) => {
    const end = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    const plain = 'text/plain; charset=utf-8'
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, plain, 'method not allowed\n')
    if (request.url?.split('?', 1)[0] !== path) return end(404, plain, `metrics are at ${path}\n`)
    metrics.text().then(
      (text) => end(200, metrics.contentType, text),
      (error: unknown) => end(500, plain, `${reasonOf(error)}\n`),
    )
  }
  const server = createServer(
    {
      ...{ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
      connectionsCheckingInterval: timeoutCheckMs,
    },
    answer,
  )
  server.maxConnections = maxConnections
  const address = await listenOn(server, { host, port, portFlag: '--metrics.port', what: 'metrics', logger })
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${shown}:${address.port}${path}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
