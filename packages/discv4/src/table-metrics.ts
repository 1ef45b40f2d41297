import type { NodeAddress } from '@ethwire/enr'
import type { Gauge, Metrics } from '@ethwire/io'
import { bucketCount, type TableDecision } from '@ethwire/kbucket'

/** The nodes of each bucket, by geth's names: `discover/bucket/0/count` to `…/16/…`. */
export class TableMetrics {
  readonly #gauges: readonly Gauge[]
  readonly #counts = new Uint8Array(bucketCount)

  constructor(metrics: Metrics) {
    this.#gauges = Array.from({ length: bucketCount }, (_, bucket) => metrics.gauge(`discover/bucket/${bucket}/count`))
  }

  decided({ kind, bucket }: TableDecision<NodeAddress>): void {
    if (kind !== 'added' && kind !== 'removed') return
    const count = (this.#counts[bucket] ?? 0) + (kind === 'added' ? 1 : -1)
    this.#counts[bucket] = count
    this.#gauges[bucket]?.set(count)
  }
}
