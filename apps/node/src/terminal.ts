import type { Clock, Logger } from '@ethwire/io'
import { createLogger, type NodeLogger } from './log.ts'

/** Standard error, shared by log lines and one live area below them. */
export interface Terminal extends AsyncDisposable {
  readonly logger: Logger
  /** Whether there is a person who sees it change. */
  readonly interactive: boolean
  /** Replaces the live area; nothing happens where nobody looks. An empty text removes it. */
  show(text: string): void
  /** Calls `step` again and again until it is told to stop. */
  every(periodMs: number, step: () => void): () => void
}

/** One whose log can be told which part speaks. */
export interface NodeTerminal extends Terminal {
  readonly logger: NodeLogger
}

export interface TerminalOptions {
  readonly verbosity: number
  readonly clock: Clock
}

export async function createTerminal({ verbosity, clock }: TerminalOptions): Promise<NodeTerminal> {
  const interactive = process.stderr.isTTY === true && process.env.TERM !== 'dumb'
  const live = interactive ? await liveArea() : undefined
  const write = live?.persist
  const logger = await createLogger({ verbosity, pretty: interactive, write, debug: process.env.DEBUG, clock })
  // bounded: one for each progress display, of which a command has one
  const timers = new Set<() => void>()
  return {
    logger,
    interactive,
    show: (text) => live?.show(text),
    every(periodMs, step) {
      let timer = clock.setTimer(periodMs, tick)
      function tick(): void {
        timer = clock.setTimer(periodMs, tick)
        step()
      }
      const stop = (): void => {
        timer.cancel()
        timers.delete(stop)
      }
      timers.add(stop)
      return stop
    },
    async [Symbol.asyncDispose]() {
      for (const stop of timers) stop()
      logger.close()
      live?.end()
    },
  }
}

interface LiveArea {
  show(text: string): void
  persist(line: string): void
  end(): void
}

async function liveArea(): Promise<LiveArea> {
  const { createLogUpdate } = await import('log-update')
  const update = createLogUpdate(process.stderr, { showCursor: true })
  let shown = ''
  return {
    show(text) {
      if (text === shown) return
      shown = text
      if (text === '') update.clear()
      else update(text)
    },
    persist(line) {
      // Above what is live, which is drawn again below.
      if (shown === '') {
        process.stderr.write(line)
        return
      }
      update.persist(line.replace(/\n$/, ''))
      update(shown)
    },
    end() {
      if (shown !== '') update.clear()
      update.done()
    },
  }
}
