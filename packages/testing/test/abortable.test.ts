import { getEventListeners } from 'node:events'
import { abortable } from '@ethwire/io'
import { describe, expect, it } from 'vitest'

describe('abortable work', () => {
  it('gives what comes of it, and leaves no listener', async () => {
    const { signal } = new AbortController()
    expect(await abortable(signal, async () => 7)).toBe(7)
    await expect(abortable(signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await abortable(undefined, async () => 8)).toBe(8)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('is waited for until the signal aborts, and then goes on unheeded', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const { promise, reject } = Promise.withResolvers<number>()
    const waiting = abortable(signal, () => promise)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(getEventListeners(signal, 'abort')).toEqual([])
    reject(new Error('too late'))
    let isBegun = false
    await expect(
      abortable(signal, async () => {
        isBegun = true
      }),
    ).rejects.toThrow('enough')
    expect(isBegun).toBe(false)
  })
})
