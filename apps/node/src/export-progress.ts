import type { Clock } from '@ethwire/io'
import { duration, grouped, progressBar } from './progress-text.ts'
import { createRate } from './rate.ts'
import type { Terminal } from './terminal.ts'

export interface ExportProgress {
  /** So many blocks are read. */
  read(blocks: number): void
  done(): void
}

export interface ExportProgressOptions {
  readonly total: number
  readonly terminal: Terminal
  readonly clock: Clock
}

const drawMs = 100
/** As geth logs during an export. */
const logMs = 8_000

/** A bar on a terminal, a log line now and then elsewhere. */
export function createExportProgress({ total, terminal, clock }: ExportProgressOptions): ExportProgress {
  const rate = createRate()
  let exported = 0
  const stop = terminal.every(terminal.interactive ? drawMs : logMs, () => {
    rate.observe(exported, clock.monotonicMs())
    const perSecond = grouped(rate.perSecond())
    const left = duration((total - exported) / rate.perSecond())
    if (terminal.interactive) {
      const counts = `${grouped(exported)}/${grouped(total)}`
      terminal.show(`Exporting ${progressBar(exported / total)}  ${counts} blocks  ${perSecond}/s  ${left} left`)
    } else {
      terminal.logger.info({ exported, total, blocksPerSecond: perSecond, left }, 'Exporting')
    }
  })
  return {
    read(blocks) {
      exported = blocks
    },
    done() {
      stop()
      terminal.show('')
    },
  }
}
