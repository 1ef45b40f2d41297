import {
  ip6Entry,
  ipEntry,
  type NodeAddress,
  type NodeRecord,
  nodeFromRecord,
  signRecord,
  udp6Entry,
  udpEntry,
} from '@ethwire/enr'
import { silentLogger, sleep } from '@ethwire/io'
import { createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { type Crawler, type CrawlerOptions, createCrawler } from '../src/crawl/crawler.ts'
import type { NodeSetEntry } from '../src/node-set.ts'
import { crypto } from './support.ts'

export interface PlaceOptions {
  readonly ip?: string
  readonly udpPort?: number
  readonly seq?: bigint
}

/** The record of the node with this number. */
export function recordOf(number: number, options: PlaceOptions = {}): NodeRecord {
  const { ip = `10.0.${number >> 8}.${number & 255}`, udpPort = 30_303, seq = 1n } = options
  const privateKey = new Uint8Array(32).fill(7)
  privateKey.set([number >> 8, number & 255])
  const isV6 = ip.includes(':')
  const entries = [(isV6 ? ip6Entry : ipEntry).of(ip), (isV6 ? udp6Entry : udpEntry).of(udpPort)]
  return signRecord({ privateKey, seq, entries, crypto })
}

export function nodeOf(number: number, options: PlaceOptions = {}): NodeAddress {
  return nodeFromRecord(recordOf(number, options))
}

/** An entry for a node that was checked a day before the clock's start. */
export function known(node: NodeAddress, entry: Partial<NodeSetEntry> = {}): [string, NodeSetEntry] {
  const dayAgo = startMs - 24 * 60 * 60 * 1000
  const times = { firstResponseMs: dayAgo, lastResponseMs: dayAgo, lastCheckMs: dayAgo }
  return [node.nodeIdHex, { node, score: 8, ...times, ...entry }]
}

export const startMs = 1_700_000_000_000

export interface Ask {
  readonly node: NodeAddress
  readonly atMs: number
}

export interface TestCrawl {
  readonly clock: VirtualClock
  readonly crawler: Crawler
  readonly asks: readonly Ask[]
  /** The most that were asked at a time. */
  peak(): number
  stop(): void
}

export interface TestCrawlOptions extends Partial<Omit<CrawlerOptions, 'discovery' | 'clock' | 'signal'>> {
  /** What a node answers after 100 ms; undefined is a silence of a second. */
  answer?(node: NodeAddress): NodeRecord | undefined
  /** Nodes that the walk comes by, one every 10 ms. */
  readonly walk?: readonly NodeAddress[]
  /** What the walk throws after that. */
  readonly walkBreaks?: Error
  /** Whether the walk waits for the end when it has no more; else it ends. */
  readonly walkGoesOn?: boolean
}

/** A crawler among nodes that are not there, in virtual time. */
export function testCrawl(options: TestCrawlOptions = {}): TestCrawl {
  const { answer = (node) => node.record, walk = [], walkGoesOn = false, walkBreaks, ...rest } = options
  const clock = createVirtualClock({ startMs })
  const beginMs = clock.monotonicMs()
  const stop = new AbortController()
  const asks: Ask[] = []
  let asking = 0
  let peak = 0
  const crawler = createCrawler({
    ...{ input: new Map(), bootnodes: [], parallel: 16, timeoutMs: 0, logger: silentLogger, ...rest },
    clock,
    signal: stop.signal,
    discovery: {
      async requestEnr(node) {
        asks.push({ node, atMs: clock.monotonicMs() - beginMs })
        asking += 1
        peak = Math.max(peak, asking)
        try {
          const record = answer(node)
          await sleep(clock, record === undefined ? 1000 : 100)
          if (record === undefined) throw new Error('no answer')
          return record
        } finally {
          asking -= 1
        }
      },
      async *randomNodes({ signal }) {
        for (const node of walk) {
          await sleep(clock, 10, { signal })
          yield node
        }
        if (walkBreaks !== undefined) {
          await sleep(clock, 10, { signal })
          throw walkBreaks
        }
        if (walkGoesOn) await sleep(clock, 2 ** 31 - 1, { signal })
      },
    },
  })
  return { clock, crawler, asks, peak: () => peak, stop: () => stop.abort(new Error('stopped')) }
}
