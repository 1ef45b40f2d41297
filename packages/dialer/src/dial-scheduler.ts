import { silentLogger } from '@ethwire/io'
import { createDialDesk, type DialDesk, type DialPolicy, type DialRules } from './dial-desk.ts'
import type { DialScheduler, DialSchedulerOptions } from './dial-scheduling.ts'
import { readNodes } from './read-nodes.ts'

const MAX_ACTIVE_DIALS = 50

/** geth forgets a dial after 35 s and may dial again then; a public peer refuses the same address for 30 s. */
const rules: Omit<DialRules, 'maxActiveDials'> = {
  ...{ redialMs: 35_000, countsFrom: 'start', patience: 1, restMs: 1_000 },
  ...{ localSooner: true, forgetsRemoved: false },
}

/**
 * geth's dial scheduler of 2026: as many dials at a time as there are peers missing, twice; static nodes first, in random
 * order, then candidates of the sources. What is dialled again, and when, is in the history's hands.
 */
export function createDialScheduler(options: DialSchedulerOptions): DialScheduler {
  const { maxActiveDials = MAX_ACTIVE_DIALS } = options
  return createDialDesk(options, { ...rules, maxActiveDials }, (desk) =>
    readingPolicy(desk, { ...options, maxActiveDials }),
  )
}

/** Reads the sources while there is room, and dials what they name. */
function readingPolicy(
  desk: DialDesk,
  options: DialSchedulerOptions & { readonly maxActiveDials: number },
): DialPolicy {
  const { clock, maxDialed, maxActiveDials, logger = silentLogger } = options
  const { statics, lifetime } = desk
  let wakeReader: (() => void) | undefined

  const freeSlots = (): number => Math.min(2 * (maxDialed - desk.connected.dialed), maxActiveDials) - desk.activeDials

  function review(nodeId: string): void {
    const node = statics.get(nodeId)
    if (node === undefined) return
    node.timer?.cancel()
    const refusal = desk.refusalOf(node.given, node)
    statics.setReady(nodeId, refusal === undefined)
    if (refusal !== 'recent') return
    node.timer = clock.setTimer(desk.history.waitMs(nodeId), () => {
      review(nodeId)
      schedule()
    })
  }

  function schedule(): void {
    if (lifetime.aborted) return
    while (freeSlots() > 0 && statics.readyCount > 0 && desk.mayDial()) {
      const node = statics.takeReady()
      if (node !== undefined) void desk.dial(node.given, node)
    }
    if (freeSlots() > 0) wakeReader?.()
  }

  async function readCandidates(): Promise<void> {
    await readNodes(desk.source, { clock, signal: lifetime }, async (node) => {
      desk.heardOf(node)
      for (;;) {
        if (lifetime.aborted) return
        const refusal = freeSlots() > 0 ? desk.refusalOf(node) : undefined
        if (refusal !== undefined) return desk.refuse(node, refusal)
        if (freeSlots() > 0 && desk.mayDial()) return void desk.dial(node)
        await new Promise<void>((resume) => {
          wakeReader = resume
        })
        wakeReader = undefined
      }
    })
  }

  const reading = readCandidates().catch((err: unknown) => logger.error({ err }, 'No candidates are read any more'))
  return {
    ...{ schedule, review, freeSlots },
    async close() {
      wakeReader?.()
      await reading
    },
  }
}
