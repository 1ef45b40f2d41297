import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createTurnstile } from '../src/turnstile.ts'

/** Peers that have so many messages of so many bytes each, and what was read in which round, as `peer@round`. */
async function read(messages: readonly number[], bytes: number): Promise<string[]> {
  const clock = createVirtualClock()
  let round = 0
  const turnstile = createTurnstile({
    setTimer: (delayMs, callback) =>
      clock.setTimer(delayMs, () => {
        round++
        callback()
      }),
  })
  const log: string[] = []
  const readAll = async (peer: number, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await turnstile.turn()
      log.push(`${peer}@${round}`)
      turnstile.pass(bytes)
      await undefined
    }
  }
  await clock.runUntil(Promise.all(messages.map((count, peer) => readAll(peer, count))))
  return log
}

const roundOf = (log: readonly string[]): Map<string, string[]> =>
  Map.groupBy(log, (line) => line.split('@')[1] as string)

test('peers take turns, a message each', async () => {
  const log = await read([3, 3, 3], 1024 * 1024)
  expect(log.map((line) => line[0])).toEqual(['0', '1', '2', '0', '1', '2', '0', '1', '2'])
})

test('large messages are read one in each round of the event loop', async () => {
  const rounds = roundOf(await read([4, 4, 4], 1024 * 1024))
  // All three have found it open for their first.
  expect([...rounds.values()].map((lines) => lines.length)).toEqual([3, ...Array(9).fill(1)])
})

test('of small ones, a round has as many as it has room for, however many peers wait', async () => {
  const rounds = roundOf(await read([1000, 1000, 1000, 1000], 1))
  expect(rounds.size).toBeLessThanOrEqual(Math.ceil((4000 * 2049) / (512 * 1024)) + 1)
})

test('who has nothing whole to read when it is let in keeps nobody waiting', async () => {
  const clock = createVirtualClock()
  const turnstile = createTurnstile(clock)
  turnstile.pass(1024 * 1024)
  const idle = turnstile.turn()
  const next = turnstile.turn()
  await clock.runUntil(Promise.all([idle, next]))
  expect(turnstile.turn()).toBeUndefined()
})
