import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { showCrawl } from '../src/crawl/crawl-progress.ts'
import type { CrawlProgress } from '../src/crawl/crawler.ts'
import type { Terminal } from '../src/terminal.ts'

const progress: CrawlProgress = {
  ...{ added: 12, updated: 1230, removed: 3, recent: 40, incompatible: 5, passed: 1 },
  ...{ nodes: 4509, inputChecked: 2250, inputTotal: 4500 },
}

/** A terminal that keeps what it is shown and told. */
function testTerminal(interactive: boolean) {
  const clock = createVirtualClock()
  const shown: string[] = []
  const logged: unknown[] = []
  const ignore = (): void => undefined
  const terminal: Terminal = {
    interactive,
    logger: { trace: ignore, debug: ignore, warn: ignore, error: ignore, info: (...line) => void logged.push(line) },
    show: (text) => void shown.push(text),
    every(periodMs, step) {
      let timer = clock.setTimer(periodMs, tick)
      function tick(): void {
        timer = clock.setTimer(periodMs, tick)
        step()
      }
      return () => timer.cancel()
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
  return { clock, shown, logged, terminal }
}

test('a person sees how far a crawl is, and nothing is left of it at the end', async () => {
  const { clock, shown, terminal } = testTerminal(true)
  const hide = showCrawl({ crawler: { progress: () => progress }, terminal, clock })
  await clock.advance(200)
  expect(shown.at(-1)).toMatch(/^Crawling ━+─+ {2}50 % of 4,500 known {2}12 new {2}3 gone {2}4,509 nodes {2}0\/s$/)
  hide()
  expect(shown.at(-1)).toBe('')
  expect(clock.timers).toBe(0)
})

test("a log has a line every eight seconds, with geth's names", async () => {
  const { clock, logged, terminal } = testTerminal(false)
  const hide = showCrawl({ crawler: { progress: () => progress }, terminal, clock })
  await clock.advance(16_000)
  hide()
  expect(logged).toHaveLength(2)
  expect(logged[0]).toEqual([
    {
      ...{ added: 12, updated: 1230, removed: 3, 'ignored(recent)': 40, 'ignored(incompatible)': 5 },
      ...{ 'ignored(busy)': 1, checked: 2250, input: 4500, nodes: 4509 },
    },
    'Crawling in progress',
  ])
})
