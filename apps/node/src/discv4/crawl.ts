import { constants } from 'node:fs'
import { access, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Crypto } from '@ethwire/crypto'
import { type Clock, type Logger, sleep } from '@ethwire/io'
import { showCrawl } from '../crawl/crawl-progress.ts'
import { type Crawler, createCrawler } from '../crawl/crawler.ts'
import { codeOf, NodeError, reasonOf } from '../errors.ts'
import { formatNodeSet, type NodeSet, readNodeSet, writeNodeSet } from '../node-set.ts'
import type { CrawlOptions } from '../options/discv4-options.ts'
import { printJson, printLine } from '../output.ts'
import { bootnodesOf, expectBootnodes, withBasis, withDiscovery } from './session.ts'

/** How much of a crawl a power cut may cost. */
const saveEveryMs = 60_000

/** `ethwire discv4 crawl FILE` */
export function crawl(file: string, options: CrawlOptions): Promise<number> {
  return withBasis(options, async (basis) => {
    const { crypto, logger, clock, terminal, signal } = basis
    const input = await readInput(file, crypto, logger)
    const said = bootnodesOf(options, crypto)
    const bootnodes = input.size === 0 ? expectBootnodes(said, 'a crawl that knows no nodes yet') : (said ?? [])
    if (input.size === 0 && bootnodes.length === 0) {
      throw new NodeError('NODE_USAGE', 'no input nodes to start crawling: name --bootnodes, or a file that has some')
    }
    return await withDiscovery(options, bootnodes, basis, async ({ discovery }) => {
      const crawler = createCrawler({
        ...{ input, bootnodes, discovery, clock, logger, signal },
        ...{ parallel: options.parallel, load: createLoad(), timeoutMs: options.timeout },
      })
      const startMs = clock.monotonicMs()
      logger.info({ file, input: crawler.nodes.size, parallel: options.parallel }, 'Crawling')
      const hide = showCrawl({ crawler, terminal, clock })
      const stopSaving = saveNowAndThen(file, crawler, clock, logger)
      try {
        await crawler.run()
      } finally {
        hide()
        await stopSaving()
        await save(file, crawler)
      }
      const seconds = Math.round((clock.monotonicMs() - startMs) / 1000)
      logger.info(
        { file, ...crawler.progress(), seconds },
        signal.aborted ? 'Crawl stopped; it can go on' : 'Crawl done',
      )
      if (options.json && file !== '-')
        await printJson({ file, ...crawler.progress(), seconds, stopped: signal.aborted })
      return signal.aborted ? 130 : 0
    })
  })
}

/** The share of the time between two calls in which the event loop was not idle. */
function createLoad(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}

/** The set that is there, or none; and it can be written. @throws NodeError `NODE_FILE` */
async function readInput(file: string, crypto: Crypto, logger: Logger): Promise<NodeSet> {
  if (file === '-') return new Map()
  const target = await realpath(file).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw fileError(file, error)
    return undefined
  })
  // It is written beside, then moved.
  await access(dirname(target ?? file), constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw fileError(file, error)
  })
  if (target === undefined) return new Map()
  return await readNodeSet(file, crypto, (fault) =>
    logger.warn({ fault }, 'The file of nodes has an entry that is not right'),
  )
}

function fileError(file: string, error: unknown): NodeError {
  return new NodeError('NODE_FILE', `cannot write ${file}: ${reasonOf(error)}`, { cause: error })
}

async function save(file: string, crawler: Crawler): Promise<void> {
  if (file === '-') await printLine(formatNodeSet(crawler.nodes))
  else await writeNodeSet(file, crawler.nodes)
}

/** Returns what ends it, after a write that is under way. */
function saveNowAndThen(file: string, crawler: Crawler, clock: Clock, logger: Logger): () => Promise<void> {
  const ended = new AbortController()
  const saving = (async () => {
    while (file !== '-' && !ended.signal.aborted) {
      await sleep(clock, saveEveryMs, { signal: ended.signal })
      try {
        await save(file, crawler)
      } catch (error) {
        logger.warn({ file, err: reasonOf(error) }, 'The nodes could not be saved; it is tried again in a minute')
      }
    }
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  return async () => {
    ended.abort()
    await saving
  }
}
