import { silentLogger } from '@ethwire/io'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createMetricsServer } from '../src/metrics/metrics-server.ts'
import { createPrometheusMetrics } from '../src/metrics/prometheus-metrics.ts'

describe('metrics', () => {
  test("have geth's names, and each name one instrument", async () => {
    const metrics = createPrometheusMetrics()
    metrics.counter('p2p/serves/success').add()
    metrics.counter('p2p/serves/success').add(2)
    metrics.gauge('discover/bucket/16/count').set(7)
    metrics.histogram('eth/answer').observe(3)
    const lines = (await metrics.text()).split('\n')
    expect(lines).toContain('p2p_serves_success 3')
    expect(lines).toContain('discover_bucket_16_count 7')
    expect(lines).toContain('eth_answer{quantile="0.5"} 3')
  })

  test('are served where geth serves them, and nothing else is', async () => {
    const metrics = createPrometheusMetrics()
    metrics.gauge('p2p/peers').set(4)
    const server = await createMetricsServer({ host: '127.0.0.1', port: 0, metrics, logger: silentLogger })
    onTestFinished(() => server[Symbol.asyncDispose]())
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/debug\/metrics\/prometheus$/)
    const answer = await fetch(server.url)
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await answer.text()).toContain('p2p_peers 4')
    expect((await fetch(new URL('/', server.url))).status).toBe(404)
    expect((await fetch(server.url, { method: 'POST', body: 'x' })).status).toBe(405)
  })

  test('say which flag to change where their port is taken', async () => {
    const metrics = createPrometheusMetrics()
    const first = await createMetricsServer({ host: '127.0.0.1', port: 0, metrics, logger: silentLogger })
    onTestFinished(() => first[Symbol.asyncDispose]())
    const port = Number(new URL(first.url).port)
    await expect(createMetricsServer({ host: '127.0.0.1', port, metrics, logger: silentLogger })).rejects.toMatchObject(
      {
        code: 'NODE_LISTEN',
        message: expect.stringContaining('choose another --metrics.port'),
      },
    )
  })
})
