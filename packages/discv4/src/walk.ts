import type { NodeAddress } from '@ethwire/enr'
import { abortable, type Clock, type Random } from '@ethwire/io'
import type { Table } from '@ethwire/kbucket'
import type { Deadlines } from './deadlines.ts'
import type { Lookups } from './lookups.ts'
import type { TableKeeper } from './table-keeper.ts'

/** Between the beginnings of two lookups of a walk (geth's value). */
const lookupSpacingMs = 1000

/** How often an empty table is looked at, and begun again. */
const emptyPollMs = 1000
const emptyRefreshMs = 10_000

export interface WalkContext {
  readonly clock: Clock
  readonly random: Random
  readonly deadlines: Deadlines
  readonly table: Table<NodeAddress>
  readonly keeper: TableKeeper
  readonly lookups: Lookups
}

/**
 * The nodes that lookups for random targets meet, those of the table first. Nothing is asked while nobody reads. The same
 * node comes in each lookup that meets it.
 */
export async function* walk(context: WalkContext, signal: AbortSignal): AsyncGenerator<NodeAddress, void> {
  const { clock, random, deadlines, lookups } = context
  let begunAtMs = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    await unlessAborted(signal, () => deadlines.wait(begunAtMs + lookupSpacingMs - clock.monotonicMs()))
    await fill(context, signal)
    if (signal.aborted) return
    begunAtMs = clock.monotonicMs()
    const run = lookups.start(random.bytes(64), signal)
    try {
      yield* run.begin
      for (let found = await run.advance(); found !== undefined; found = await run.advance()) yield* found
    } finally {
      run.stop()
    }
  }
}

/** Waits until the table has nodes. */
async function fill(context: WalkContext, signal: AbortSignal): Promise<void> {
  const { deadlines, table, keeper } = context
  while (table.size === 0 && !signal.aborted) {
    if (!keeper.isSeeded || keeper.sinceRefreshMs >= emptyRefreshMs) await unlessAborted(signal, () => keeper.refresh())
    if (table.size === 0) await unlessAborted(signal, () => deadlines.wait(emptyPollMs))
  }
}

/** Waits, though not past the signal's abort: a refresh takes seconds where nobody answers. */
async function unlessAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await abortable(signal, work)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
