/**
 * The seams between ethwire and the machine: clock, randomness, streams, datagrams, names, logs and metrics.
 * Interfaces only; implementations for Node are in `@ethwire/io/node`, in-memory ones in `@ethwire/testing`.
 *
 * @module
 */
export { abortable } from './abortable.ts'
export { type Clock, sleep, type Timer } from './clock.ts'
export type { BindDatagram, Datagram, DatagramSocket } from './datagram.ts'
export { IoError, type IoErrorCode } from './errors.ts'
export { createEvents, type EventSource, type Events } from './events.ts'
export { type LogFields, type Logger, silentLogger } from './logger.ts'
export { type Counter, type Gauge, type Histogram, type Metrics, noMetrics } from './metrics.ts'
export { onAbort } from './on-abort.ts'
export { type AsyncQueue, type AsyncQueueOptions, createAsyncQueue } from './queue.ts'
export { type Random, randomFraction, randomInteger } from './random.ts'
export { webRandom } from './random-web.ts'
export { createRefillingBudget, type RefillingBudget, type RefillingBudgetOptions } from './refilling-budget.ts'
export type { Resolver } from './resolver.ts'
export type { ByteStream, Dial, Listen, Listener, SocketEndpoint } from './stream.ts'
