import { createVirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { createRequestTable, ProtocolError } from '../src/index.ts'

function setUp(options: { maxPending?: number } = {}) {
  const clock = createVirtualClock()
  return { clock, table: createRequestTable({ clock, ...options }) }
}

const code = (error: unknown): unknown => (error as ProtocolError).code

test('an answer reaches the request with its id, in any order', async () => {
  const { table } = setUp()
  const first = table.open<string>('headers', { timeoutMs: 100 })
  const second = table.open<string>('headers', { timeoutMs: 100 })
  table.match(second.id, 'headers')?.resolve('two')
  table.match(first.id, 'headers')?.resolve('one')
  expect(await Promise.all([first.response, second.response])).toEqual(['one', 'two'])
  expect(table.pendingCount).toBe(0)
})

test('a request rejects at its deadline, and its late answer is dropped without offence', async () => {
  const { clock, table } = setUp()
  const request = table.open('headers', { timeoutMs: 100 })
  await clock.advance(100)
  await expect(request.response).rejects.toSatisfy((error) => code(error) === 'PROTOCOL_TIMEOUT')
  await clock.advance(4 * 60_000)
  expect(table.match(request.id, 'headers')).toBeUndefined()
})

test('an id whose deadline is long past is as unknown as any', async () => {
  const { clock, table } = setUp()
  const request = table.open('headers', { timeoutMs: 100 })
  await clock.advance(100 + 5 * 60_000)
  expect(() => table.match(request.id, 'headers')).toThrow(ProtocolError)
})

test('case 43: an id that was never asked, was answered before, or was for something else is an offence', () => {
  const { table } = setUp()
  const request = table.open('headers', { timeoutMs: 100 })
  for (const attempt of [() => table.match(99n, 'headers'), () => table.match(request.id, 'bodies')]) {
    expect(attempt).toThrow(expect.objectContaining({ code: 'PROTOCOL_UNSOLICITED' }))
  }
  table.match(request.id, 'headers')?.resolve('answer')
  expect(() => table.match(request.id, 'headers')).toThrow(expect.objectContaining({ code: 'PROTOCOL_UNSOLICITED' }))
})

test('a signal ends a request with its own reason', async () => {
  const { table } = setUp()
  const controller = new AbortController()
  const request = table.open('headers', { timeoutMs: 100, signal: controller.signal })
  controller.abort(new Error('no longer wanted'))
  await expect(request.response).rejects.toThrow('no longer wanted')
  expect(table.pendingCount).toBe(0)
})

test('the table is bounded, and what came to nothing makes room for what is asked', async () => {
  const { clock, table } = setUp({ maxPending: 2 })
  const first = table.open('headers', { timeoutMs: 100 })
  table.open('headers', { timeoutMs: 1000 })
  expect(() => table.open('headers', { timeoutMs: 100 })).toThrow(
    expect.objectContaining({ code: 'PROTOCOL_TOO_MANY_REQUESTS' }),
  )
  await clock.advance(100)
  table.open('headers', { timeoutMs: 100 })
  expect(() => table.match(first.id, 'headers')).toThrow(ProtocolError)
})

test('closing rejects what waits, leaves no timer and takes nothing more', async () => {
  const { clock, table } = setUp()
  const request = table.open('headers', { timeoutMs: 100 })
  const error = new ProtocolError('PROTOCOL_CLOSED', 'gone')
  table.close(error)
  await expect(request.response).rejects.toBe(error)
  expect(() => table.open('headers', { timeoutMs: 1 })).toThrow(error)
  expect(clock.timers).toBe(0)
})

test('the oldest request of a kind can be found', () => {
  const { table } = setUp()
  table.open('bodies', { timeoutMs: 100 })
  const oldest = table.open('receipts', { timeoutMs: 100 })
  table.open('receipts', { timeoutMs: 100 })
  expect(table.oldest('receipts')).toBe(oldest)
  expect(table.oldest('headers')).toBeUndefined()
})
