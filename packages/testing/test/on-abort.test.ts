import { getEventListeners } from 'node:events'
import { onAbort } from '@ethwire/io'
import { expect, test } from 'vitest'

function counting(controller = new AbortController()) {
  let calls = 0
  const forget = onAbort(controller.signal, () => calls++)
  return { controller, forget, calls: () => calls }
}

test('a callback is called once, when the signal aborts', () => {
  const { controller, calls } = counting()
  expect(calls()).toBe(0)
  controller.abort()
  controller.abort()
  expect(calls()).toBe(1)
})

test('a callback is never called by a signal that has aborted already', () => {
  const controller = new AbortController()
  controller.abort()
  expect(counting(controller).calls()).toBe(0)
})

test('a callback that was taken back is not called, and nothing of it is left', () => {
  const { controller, forget, calls } = counting()
  const [listener] = getEventListeners(controller.signal, 'abort')
  forget()
  forget()
  controller.abort()
  // Who still has the listener reaches nothing by it.
  ;(listener as () => void)()
  expect(calls()).toBe(0)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})
