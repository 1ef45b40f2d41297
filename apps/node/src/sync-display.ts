import type { EthManager, SyncProgress } from '@ethwire/eth-manager'
import type { LogFields } from '@ethwire/io'
import type { P2pServer } from '@ethwire/p2p-server'
import { duration, grouped, progressBar } from './progress-text.ts'
import type { Terminal } from './terminal.ts'

export interface SyncDisplayOptions {
  readonly manager: Pick<EthManager, 'progress'>
  readonly server: Pick<P2pServer, 'peers'>
  readonly terminal: Terminal
}

export interface SyncDisplay {
  close(): void
}

const drawMs = 200
/** As geth logs during a sync. */
const logMs = 8_000

/** Shows a sync while it goes on: a line that changes on a terminal, a log line now and then elsewhere. */
export function createSyncDisplay({ manager, server, terminal }: SyncDisplayOptions): SyncDisplay {
  const { logger, interactive } = terminal
  const stopLog = interactive
    ? undefined
    : terminal.every(logMs, () => {
        const line = logLine(manager.progress(), server.peers().length)
        if (line !== undefined) logger.info(...line)
      })
  const stopDraw = interactive
    ? terminal.every(drawMs, () => terminal.show(liveLine(manager.progress(), server.peers().length)))
    : undefined
  return {
    close() {
      stopLog?.()
      stopDraw?.()
      terminal.show('')
    },
  }
}

const peersText = (peers: number): string => `${peers} peer${peers === 1 ? '' : 's'}`

/** The line of a terminal; empty when there is nothing to wait for. */
export function liveLine(progress: SyncProgress, peers: number): string {
  switch (progress.state) {
    case 'finding-head':
      return `Looking for the head  block ${grouped(progress.head.number)}  ${peersText(peers)}`
    case 'headers':
    case 'blocks': {
      const { done, total, perSecond, msLeft } = progress
      const what = progress.state === 'headers' ? 'Headers' : 'Blocks '
      const counts = `${grouped(done)}/${grouped(total)}`
      const left = `${duration((msLeft ?? Number.NaN) / 1000)} left`
      return `${what} ${progressBar(total === 0 ? 1 : done / total)}  ${counts}  ${grouped(perSecond)}/s  ${left}  ${peersText(peers)}`
    }
    default:
      return ''
  }
}

/** A log line's fields and message; undefined when there is nothing to wait for. */
export function logLine(progress: SyncProgress, peers: number): [fields: LogFields, message: string] | undefined {
  const head = progress.head.number
  switch (progress.state) {
    case 'finding-head':
      return [{ head, peers }, 'Looking for the head']
    case 'headers':
    case 'blocks': {
      const { done, total, perSecond, msLeft, target } = progress
      const message = progress.state === 'headers' ? 'Syncing: downloading headers' : 'Syncing: downloading blocks'
      const eta = duration((msLeft ?? Number.NaN) / 1000)
      return [{ head, target: target.number, done, total, perSecond: Math.round(perSecond), eta, peers }, message]
    }
    default:
      return undefined
  }
}
