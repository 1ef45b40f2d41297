import type { Clock } from '@ethwire/io'
import { lineOf, tableOf } from './view.ts'
import type { NodeState } from './watched-node.ts'

/** Standard output of a devnet: a table that changes, or lines now and then. */
export interface DevnetDisplay {
  update(nodes: readonly NodeState[], target: number): void
  /** A line that stays. */
  say(text: string): void
  /** Leaves the table as it is. */
  leave(): void
}

export interface DevnetDisplayOptions {
  readonly clock: Clock
  readonly count: number
}

/** Where no table is shown. */
const linePeriodMs = 2_000

export async function createDevnetDisplay({ clock, count }: DevnetDisplayOptions): Promise<DevnetDisplay> {
  const title = `Starting ${count} nodes on 127.0.0.1 with a sample chain. Nothing leaves this machine.`
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  print(title)
  if (process.stdout.isTTY !== true || process.env.TERM === 'dumb') return plainDisplay(clock, print)
  const { createLogUpdate } = await import('log-update')
  const live = createLogUpdate(process.stdout)
  let last: string | undefined
  let note = ''
  const draw = (): void => live([last, note].filter((part) => part !== undefined && part !== '').join('\n'))
  let left = false
  return {
    update(nodes, target) {
      last = tableOf(nodes, target)
      draw()
    },
    say(text) {
      if (left) return print(text)
      // Below the table, which goes on changing.
      note = text
      draw()
    },
    leave() {
      if (left) return
      left = true
      note = ''
      if (last !== undefined) live(last)
      live.done()
    },
  }
}

function plainDisplay(clock: Clock, print: (text: string) => void): DevnetDisplay {
  let nextMs = clock.monotonicMs() + linePeriodMs
  let last = ''
  return {
    update(nodes) {
      const line = lineOf(nodes)
      if (clock.monotonicMs() < nextMs || line === last) return
      nextMs = clock.monotonicMs() + linePeriodMs
      last = line
      print(line)
    },
    say: print,
    leave: () => undefined,
  }
}
