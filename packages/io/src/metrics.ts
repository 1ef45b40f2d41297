/** Only goes up. */
export interface Counter {
  add(amount?: number): void
}

/** A level that goes up and down. */
export interface Gauge {
  set(value: number): void
}

/** A distribution of observed values. */
export interface Histogram {
  observe(value: number): void
}

/** Metrics by name, in geth's naming (`p2p/peers`). Asking twice for one name gives the same instrument. */
export interface Metrics {
  counter(name: string): Counter
  gauge(name: string): Gauge
  histogram(name: string): Histogram
}

const ignore = (): void => undefined
const counter: Counter = { add: ignore }
const gauge: Gauge = { set: ignore }
const histogram: Histogram = { observe: ignore }

/** The default metrics: measure nothing. */
export const noMetrics: Metrics = { counter: () => counter, gauge: () => gauge, histogram: () => histogram }
