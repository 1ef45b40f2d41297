import { createSeededRandom, createSimulationClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { populate } from '../src/population.ts'

const minuteMs = 60_000

interface Town {
  readonly clock: ReturnType<typeof createSimulationClock>
  readonly alive: Set<number>
  readonly born: number[]
  stop(): void
}

function createTown(medianLifeMs: number | undefined): Town {
  const clock = createSimulationClock()
  const alive = new Set<number>()
  const born: number[] = []
  const stop = populate({
    ...{ nodes: 1000, founders: 3, joinMs: 10 * minuteMs, medianLifeMs, clock },
    random: createSeededRandom(1),
    born(index) {
      born.push(index)
      alive.add(index)
      return { died: () => void alive.delete(index) }
    },
  })
  return { clock, alive, born, stop }
}

describe('a population', () => {
  it('joins evenly after its founders, and stays where nobody dies', async () => {
    const { clock, alive } = createTown(undefined)
    expect([...alive]).toEqual([0, 1, 2])
    await clock.advance(5 * minuteMs)
    expect(alive.size).toBe(501)
    await clock.advance(60 * minuteMs)
    expect(alive.size).toBe(1000)
  })

  it('is half gone after the median life, founders excepted, with one new for each that went', async () => {
    const { clock, alive, born } = createTown(60 * minuteMs)
    await clock.advance(10 * minuteMs)
    const before = [...alive]
    await clock.advance(60 * minuteMs)
    expect(alive.size).toBe(1000)
    expect(before.filter((index) => alive.has(index)).length).toBeGreaterThan(450)
    expect(before.filter((index) => alive.has(index)).length).toBeLessThan(550)
    expect([0, 1, 2].every((index) => alive.has(index))).toBe(true)
    expect(new Set(born).size).toBe(born.length)
  })

  it('lives on without births and deaths when it is stopped', async () => {
    const { clock, alive, stop } = createTown(10 * minuteMs)
    await clock.advance(20 * minuteMs)
    stop()
    const before = [...alive]
    await clock.advance(60 * minuteMs)
    expect([...alive]).toEqual(before)
  })
})
