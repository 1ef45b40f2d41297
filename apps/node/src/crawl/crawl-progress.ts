import type { Clock } from '@ethwire/io'
import { grouped, progressBar } from '../progress-text.ts'
import { createRate } from '../rate.ts'
import type { Terminal } from '../terminal.ts'
import type { Crawler, CrawlProgress } from './crawler.ts'

export interface ShowCrawlOptions {
  readonly crawler: Pick<Crawler, 'progress'>
  readonly terminal: Terminal
  readonly clock: Clock
}

const drawMs = 100
/** As geth's crawler logs. */
const logMs = 8_000

/** A live line on a terminal, a log line now and then elsewhere. Returns what ends it. */
export function showCrawl({ crawler, terminal, clock }: ShowCrawlOptions): () => void {
  const rate = createRate()
  const stop = terminal.every(terminal.interactive ? drawMs : logMs, () => {
    const progress = crawler.progress()
    rate.observe(asked(progress), clock.monotonicMs())
    if (terminal.interactive) terminal.show(crawlLine(progress, rate.perSecond()))
    else terminal.logger.info(crawlFields(progress), 'Crawling in progress')
  })
  return () => {
    stop()
    terminal.show('')
  }
}

function asked({ added, updated, removed, incompatible }: CrawlProgress): number {
  return added + updated + removed + incompatible
}

/** What is shown to a person. */
function crawlLine(progress: CrawlProgress, perSecond: number): string {
  const { nodes, added, removed, inputChecked, inputTotal } = progress
  const input = `${progressBar(inputTotal === 0 ? 1 : inputChecked / inputTotal)} of ${grouped(inputTotal)} known`
  const found = `${grouped(added)} new  ${grouped(removed)} gone  ${grouped(nodes)} nodes`
  return `Crawling ${input}  ${found}  ${grouped(perSecond)}/s`
}

/** What is logged, by geth's names where geth has them. */
function crawlFields(progress: CrawlProgress): Readonly<Record<string, number>> {
  const { nodes, added, updated, removed, recent, incompatible, passed, inputChecked, inputTotal } = progress
  return {
    ...{ added, updated, removed, 'ignored(recent)': recent, 'ignored(incompatible)': incompatible },
    ...{ 'ignored(busy)': passed, checked: inputChecked, input: inputTotal, nodes },
  }
}
