import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, sleep } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { NodeError } from '../errors.ts'
import type { DevnetOptions } from '../options/devnet-options.ts'
import { isOutputError, outputFailure } from '../output.ts'
import { grouped } from '../progress-text.ts'
import { createShutdown } from '../shutdown.ts'
import { createDevnetDisplay, type DevnetDisplay } from './display.ts'
import { type DevnetNetwork, startNetwork } from './network.ts'
import { lateText, seconds, shortHash } from './view.ts'

const pollMs = 100
/** Once all is done there is not much to see. */
const idlePollMs = 1_000
/** Nodes have 5 s to end, and are killed after 6. */
const stopMs = 8_000

/** `ethwire devnet` */
export async function devnet(options: DevnetOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'ethwire-devnet-'))
  using shutdown = createShutdown(nodeClock, silentLogger, stopMs)
  const outputFails = outputFailure()
  const display = await createDevnetDisplay({ clock: nodeClock, count: options.nodes })
  const network = startNetwork({
    count: options.nodes,
    directory,
    verbosity: options.verbosity,
    clock: nodeClock,
    signal: shutdown.signal,
  })
  let keep = options.keep === true
  try {
    const work = watch(network, display, options, shutdown.signal)
    await Promise.race([work, network.broken, failure(network.started), outputFails])
  } catch (error) {
    if (!shutdown.signal.aborted) {
      // Whoever wants to know why finds it in the logs.
      if (!isOutputError(error)) keep = true
      throw error
    }
  } finally {
    display.leave()
    await network.stop()
    if (keep) display.say(`The nodes' data and logs are in ${directory}`)
    else await rm(directory, { recursive: true, force: true })
  }
  if (shutdown.signal.aborted) {
    display.say('Stopped.')
    return options.exitWhenSynced ? 130 : 0
  }
  display.say(summary(network))
  return 0
}

/** Never resolves, and rejects if the promise does. */
function failure(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => promise.catch(reject))
}

/** Shows how the nodes do until all are at the head, and on, unless that was the end. */
async function watch(
  network: DevnetNetwork,
  display: DevnetDisplay,
  options: DevnetOptions,
  signal: AbortSignal,
): Promise<void> {
  const deadline = nodeClock.monotonicMs() + options.timeout * 1000
  let done = false
  for (;;) {
    await network.poll()
    display.update(network.states(), network.target())
    if (!done && allSynced(network)) {
      done = true
      if (options.exitWhenSynced) return
      display.say(`${summary(network)} Ctrl-C ends it.`)
    }
    if (!done && options.exitWhenSynced && nodeClock.monotonicMs() > deadline) throw timedOut(network, options.timeout)
    await sleep(nodeClock, done ? idlePollMs : pollMs, { signal })
  }
}

function allSynced(network: DevnetNetwork): boolean {
  const target = network.target()
  const [first, ...others] = network.states()
  if (target === 0 || first === undefined) return false
  return others.every(({ height, headHash }) => height === target && headHash === first.headHash)
}

function timedOut(network: DevnetNetwork, timeoutSeconds: number): NodeError {
  return new NodeError('NODE_DEVNET', lateText(network.states(), network.target(), timeoutSeconds))
}

function summary(network: DevnetNetwork): string {
  const [first, ...others] = network.states()
  const slowest = Math.max(...others.map(({ syncMs }) => syncMs ?? 0))
  const head = `block ${grouped(network.target())} (${shortHash(first?.headHash ?? '')})`
  return `All ${others.length + 1} nodes are at ${head}: ${first?.name} had the chain, the others synced it from their peers within ${seconds(slowest)} of their start.`
}
