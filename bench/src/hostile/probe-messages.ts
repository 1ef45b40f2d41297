/** What the bench tells the probe. */
export type ProbeRequest = { readonly type: 'probe:reset' } | { readonly type: 'probe:read'; readonly id: number }

/** What the probe answers. Delays are those since the last reset. */
export interface ProbeFigures {
  readonly type: 'probe:figures'
  readonly id: number
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Timers that keep the process alive. */
  readonly timers: number
  /** Processor time that the process has used. */
  readonly cpuMs: number
  /** Exceptions and rejections that nobody caught. */
  readonly faults: number
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
}
