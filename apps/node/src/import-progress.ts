import { stat } from 'node:fs/promises'
import type { Clock } from '@ethwire/io'
import { duration, grouped, progressBar } from './progress-text.ts'
import { createRate } from './rate.ts'
import type { Terminal } from './terminal.ts'

export interface ImportProgress {
  /** So many bytes more were read from the file. */
  read(bytes: number): void
  /** The last block that is stored, and how many were imported. */
  stored(number: number, imported: number): void
  done(): void
}

export interface ImportProgressOptions {
  readonly file: string
  readonly terminal: Terminal
  readonly clock: Clock
}

const drawMs = 100
/** As geth logs during an import. */
const logMs = 8_000

/** A bar on a terminal, a log line now and then elsewhere. */
export async function createImportProgress({ file, terminal, clock }: ImportProgressOptions): Promise<ImportProgress> {
  const fileBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
  const rate = createRate()
  const bytesRate = createRate()
  let readBytes = 0
  let head = 0
  let imported = 0
  const fraction = (): number => (fileBytes === 0 ? 0 : readBytes / fileBytes)
  const left = (): string => duration((fileBytes - readBytes) / bytesRate.perSecond())

  const stop = terminal.every(terminal.interactive ? drawMs : logMs, () => {
    const now = clock.monotonicMs()
    rate.observe(imported, now)
    bytesRate.observe(readBytes, now)
    const perSecond = grouped(rate.perSecond())
    if (terminal.interactive) {
      terminal.show(
        `Importing ${progressBar(fraction())}  block ${grouped(head)}  ${perSecond} blocks/s  ${left()} left`,
      )
    } else {
      const percent = Math.floor(fraction() * 100)
      terminal.logger.info({ block: head, imported, percent, blocksPerSecond: perSecond, left: left() }, 'Importing')
    }
  })
  return {
    read(bytes) {
      readBytes += bytes
    },
    stored(number, count) {
      head = number
      imported = count
    },
    done() {
      stop()
      terminal.show('')
    },
  }
}
