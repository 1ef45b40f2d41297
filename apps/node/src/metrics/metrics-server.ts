import { createServer, type RequestListener } from 'node:http'
import { codeOf, NodeError, reasonOf } from '../errors.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

export interface MetricsServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly metrics: Pick<PrometheusMetrics, 'contentType' | 'text'>
}

export interface MetricsServer extends AsyncDisposable {
  /** `http://127.0.0.1:6060/debug/metrics/prometheus` */
  readonly url: string
}

/** geth's. */
const path = '/debug/metrics/prometheus'
const requestTimeoutMs = 10_000
const maxConnections = 16

/** Serves metrics to Prometheus, where geth does. @throws NodeError `NODE_LISTEN` */
export async function createMetricsServer({ host, port, metrics }: MetricsServerOptions): Promise<MetricsServer> {
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
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, answer)
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const taken = codeOf(error) === 'EADDRINUSE'
      const problem = taken ? 'address already in use; choose another --metrics.port' : reasonOf(error)
      reject(new NodeError('NODE_LISTEN', `cannot serve metrics on ${host}:${port}: ${problem}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new NodeError('NODE_LISTEN', 'the server has no address')
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
