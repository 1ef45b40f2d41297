// Loaded into the node under attack by `--import`, before the node itself: it measures the process from inside and tells
// over IPC when asked. It changes nothing that the node does, and keeps nothing alive.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ProbeFigures, ProbeRequest } from './probe-messages.ts'

/** Each so long the loop's delay is looked at; what is measured beyond is the delay. */
const resolutionMs = 10

const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()
let faults = 0
// Both kinds end the process as they would without this; a rejection that nobody handles comes here too.
process.on('uncaughtExceptionMonitor', () => faults++)

const milliseconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs)

process.on('message', (request: ProbeRequest) => {
  if (request.type === 'probe:reset') delay.reset()
  if (request.type !== 'probe:read') return
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  const figures: ProbeFigures = {
    type: 'probe:figures',
    id: request.id,
    delayP99Ms: milliseconds(delay.percentile(99)),
    delayMaxMs: milliseconds(delay.max),
    timers: process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length,
    cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
    faults,
    heapUsed,
    external,
    arrayBuffers,
  }
  process.send?.(figures)
})
// Listening to messages would keep the process alive: the node is to end when it has nothing left to do.
process.channel?.unref()
