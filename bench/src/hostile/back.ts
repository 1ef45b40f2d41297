import { setTimeout as delay } from 'node:timers/promises'
import { contract } from './contract.ts'
import type { Figures, Victim } from './victim.ts'

/** How long after the attack's end each was where it had been; infinite when it was not within the time. */
export interface Back {
  readonly memorySeconds: number
  readonly descriptorsSeconds: number
  readonly timersSeconds: number
  readonly after: Figures
}

const lookEveryMs = 250

/** Waits until memory, descriptors and timers are back, the honest ones going on all the time. `onLook`: each time it looks. */
export async function comesBack(victim: Victim, before: Figures, onLook: () => void): Promise<Back> {
  const start = performance.now()
  const back = {
    memorySeconds: Number.POSITIVE_INFINITY,
    descriptorsSeconds: Number.POSITIVE_INFINITY,
    timersSeconds: Number.POSITIVE_INFINITY,
  }
  for (;;) {
    const after = await victim.figures()
    const seconds = (performance.now() - start) / 1000
    // Of honest requests that are being served there may be a connection or a timer more at any moment.
    if (after.residentBytes <= before.peakBytes * contract.memoryBackFactor)
      back.memorySeconds = Math.min(back.memorySeconds, seconds)
    if (after.descriptors <= before.descriptors) back.descriptorsSeconds = Math.min(back.descriptorsSeconds, seconds)
    if (after.timers <= before.timers) back.timersSeconds = Math.min(back.timersSeconds, seconds)
    const isBack = Object.values(back).every((value) => value < Number.POSITIVE_INFINITY)
    if (isBack || seconds > contract.backSeconds) return { ...back, after }
    onLook()
    await delay(lookEveryMs)
  }
}
