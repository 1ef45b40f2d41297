import { describe, expect, test } from 'vitest'
import { createRpcTurns } from '../src/rpc/turns.ts'
import { callText, dispatcherOf } from './rpc-support.ts'

/** A clock that goes on by what a call costs, and an event loop that turns when told to. */
function handLoop() {
  let nowMs = 0
  // bounded: the one step of the turns of a test
  const steps: (() => void)[] = []
  const turns = createRpcTurns({ clock: { monotonicMs: () => nowMs }, afterEvents: (step) => void steps.push(step) })
  return {
    turns,
    work: (ms: number) => {
      nowMs += ms
    },
    /** Resolves when all has been done that can be done in the turn. */
    turn: async () => {
      for (const step of steps.splice(0)) step()
      await new Promise<void>((resolve) => setImmediate(resolve))
    },
    pending: () => steps.length,
  }
}

describe('calls that need nothing but memory', () => {
  test('let the event loop have its turn after 5 ms of work, first come, first served', async () => {
    const { turns, work, turn, pending } = handLoop()
    const done: string[] = []
    const dispatcher = dispatcherOf(
      {
        test: {
          work: ([name]) => {
            work(2)
            done.push(String(name))
          },
        },
      },
      { turns },
    )
    const batch = (name: string): string => `[${[1, 2, 3, 4].map((n) => callText('test_work', [`${name}${n}`]))}]`
    const answers = [dispatcher.answer(batch('a')), dispatcher.answer(batch('b'))]
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(done).toHaveLength(4)
    await turn()
    expect(done).toHaveLength(7)
    await turn()
    expect(done).toHaveLength(8)
    await Promise.all(answers)
    await turn()
    expect(pending()).toBe(0)
  })

  test('whoever is alone does not wait, and nobody who waits is overtaken', async () => {
    const { turns, work, turn } = handLoop()
    expect(turns.wait()).toBeUndefined()
    work(5)
    const order: string[] = []
    const wait = async (name: string): Promise<void> => {
      await turns.wait()
      order.push(name)
    }
    const all = [wait('first'), wait('second')]
    expect(order).toEqual([])
    await turn()
    await Promise.all(all)
    expect(order).toEqual(['first', 'second'])
    await turn()
    expect(turns.wait()).toBeUndefined()
  })
})
