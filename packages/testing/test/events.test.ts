import { createEvents } from '@ethwire/io'
import { expect, test } from 'vitest'

interface Happenings {
  rain: { mm: number }
}

test('listeners hear what happens until they are removed', () => {
  const heard: number[] = []
  const events = createEvents<Happenings>(() => undefined)
  const stop = events.on('rain', ({ mm }) => heard.push(mm))
  events.emit('rain', { mm: 1 })
  stop()
  events.emit('rain', { mm: 2 })
  expect(heard).toEqual([1])
})

test('what a listener throws reaches neither the others nor whoever emits', () => {
  const errors: unknown[] = []
  const heard: number[] = []
  const events = createEvents<Happenings>((error) => errors.push(error))
  events.on('rain', () => {
    throw new Error('wet')
  })
  events.on('rain', ({ mm }) => heard.push(mm))
  events.emit('rain', { mm: 3 })
  expect(heard).toEqual([3])
  expect(errors).toEqual([new Error('wet')])
})

test('what an async listener rejects with reaches nobody else either', async () => {
  const errors: unknown[] = []
  const heard: number[] = []
  const events = createEvents<Happenings>((error) => errors.push(error))
  events.on('rain', async () => {
    throw new Error('wet')
  })
  events.on('rain', ({ mm }) => heard.push(mm))
  events.emit('rain', { mm: 3 })
  expect(heard).toEqual([3])
  await undefined
  expect(errors).toEqual([new Error('wet')])
})
