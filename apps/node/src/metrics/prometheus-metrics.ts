import type { Metrics } from '@ethwire/io'
import { Counter, Gauge, Registry, Summary } from '@prometheus-io/client'

/** Metrics that can be shown as Prometheus reads them. */
export interface PrometheusMetrics extends Metrics {
  readonly contentType: string
  text(): Promise<string>
}

/** geth's quantiles. */
const percentiles = [0.5, 0.75, 0.95, 0.99, 0.999, 0.9999]
const summaryAgeSeconds = 600
const summaryBuckets = 5

/** Makes metrics that are named in Prometheus as geth's are: `p2p/peers` is `p2p_peers`, and a histogram is a summary. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry()
  const registers = [registry]
  // bounded: the names that our own code has; none comes from outside
  const instruments = new Map<string, unknown>()

  const once = <T>(kind: string, name: string, make: (options: { name: string; help: string }) => T): T => {
    const key = `${kind} ${name}`
    const known = instruments.get(key)
    if (known !== undefined) return known as T
    const made = make({ name: name.replace(/\W/g, '_'), help: name })
    instruments.set(key, made)
    return made
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: (name) =>
      once('counter', name, (named) => {
        // Told when it is asked for: counting is on the way of each packet.
        let added = 0
        const counter = new Counter({
          ...{ ...named, registers },
          collect: () => {
            counter.inc(added)
            added = 0
          },
        })
        return {
          add: (amount = 1) => {
            added += amount
          },
        }
      }),
    gauge: (name) =>
      once('gauge', name, (named) => {
        const gauge = new Gauge({ ...named, registers })
        return { set: (value) => gauge.set(value) }
      }),
    histogram: (name) =>
      once('histogram', name, (named) => {
        const bounds = { percentiles, maxAgeSeconds: summaryAgeSeconds, ageBuckets: summaryBuckets }
        const summary = new Summary({ ...named, ...bounds, registers })
        return { observe: (value) => summary.observe(value) }
      }),
  }
}
