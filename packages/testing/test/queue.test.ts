import { createAsyncQueue } from '@ethwire/io'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('queue', () => {
  it('gives back in order whatever comes in, however pushes and takes are mixed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 400 }), async (steps) => {
        const queue = createAsyncQueue<number>({ maxItems: 1000 })
        const taken: Promise<IteratorResult<number, undefined>>[] = []
        let pushed = 0
        for (const push of steps) {
          if (push) queue.push(pushed++)
          else taken.push(queue.next())
        }
        queue.end()
        const values: number[] = []
        for (const result of await Promise.all(taken)) if (!result.done) values.push(result.value)
        for await (const value of queue) values.push(value)
        expect(values).toEqual(Array.from({ length: pushed }, (_, index) => index))
      }),
    )
  })

  it('refuses what is over its bound', () => {
    const queue = createAsyncQueue<number>({ maxItems: 2 })
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false])
    expect(queue.size).toBe(2)
  })

  it('throws after what waited when it failed, and takes nothing more', async () => {
    const queue = createAsyncQueue<number>({ maxItems: 2 })
    queue.push(1)
    queue.fail(new Error('broken'))
    expect(queue.push(2)).toBe(false)
    expect(await queue.next()).toEqual({ done: false, value: 1 })
    await expect(queue.next()).rejects.toThrow('broken')
  })

  it('drops what waits when its reader leaves', async () => {
    let left = 0
    const queue = createAsyncQueue<number>({ maxItems: 9, onLeave: () => left++ })
    queue.push(1)
    queue.push(2)
    for await (const _ of queue) break
    expect([left, queue.size, queue.push(3)]).toEqual([1, 0, false])
  })
})
