import { type Clock, type Random, randomFraction } from '@ethwire/io'

/** Who joins when, and who dies when. */
export interface PopulationOptions {
  readonly nodes: number
  /** Nodes that are there from the start and never die. */
  readonly founders: number
  /** The others join evenly spread over this time. */
  readonly joinMs: number
  /** The time after which half of the nodes of one moment are gone; without it nobody dies. */
  readonly medianLifeMs: number | undefined
  readonly clock: Clock
  readonly random: Random
  /** A new node is to be. Its index is 0 for the first ever and is never used again. */
  born(index: number): { died(): void }
}

/** How long a node lives: exponentially, so that age says nothing of the time that is left. */
function lifeMs(medianLifeMs: number, random: Random): number {
  return -Math.log(1 - randomFraction(random)) * (medianLifeMs / Math.LN2)
}

/**
 * Sets the timers by which nodes join, die, and are followed by new ones, one for one. Returns how to stop that: those
 * who live then live on.
 */
export function populate(options: PopulationOptions): () => void {
  const { nodes, founders, joinMs, medianLifeMs, clock, random, born } = options
  let isStopped = false
  let nextIndex = founders

  const mortal = (): void => {
    if (isStopped) return
    const { died } = born(nextIndex++)
    if (medianLifeMs === undefined) return
    clock.setTimer(lifeMs(medianLifeMs, random), () => {
      if (isStopped) return
      died()
      mortal()
    })
  }

  for (let index = 0; index < founders; index++) born(index)
  const joining = nodes - founders
  for (let index = 0; index < joining; index++) clock.setTimer((joinMs * (index + 1)) / joining, mortal)
  return () => {
    isStopped = true
  }
}
