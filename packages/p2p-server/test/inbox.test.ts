import { expect, test } from 'vitest'
import { createInbox } from '../src/inbox.ts'

const message = (code: number, size = 0) => ({ code, payload: new Uint8Array(size) })

test('messages are read in order, also those pushed before', async () => {
  const inbox = createInbox()
  inbox.push(message(1))
  const reader = inbox[Symbol.asyncIterator]()
  expect((await reader.next()).value?.code).toBe(1)
  const waiting = reader.next()
  inbox.push(message(2))
  expect((await waiting).value?.code).toBe(2)
})

test('a full inbox makes its writer wait until there is room', async () => {
  const inbox = createInbox()
  let full: Promise<void> | undefined
  let pushed = 0
  while (full === undefined) full = inbox.push(message(pushed++, 1024 * 1024))
  expect(pushed).toBe(4)
  let resumed = false
  void full.then(() => {
    resumed = true
  })
  await inbox[Symbol.asyncIterator]().next()
  await full
  expect(resumed).toBe(true)
})

test('closing ends the reader after what waits, and lets the writer go', async () => {
  const inbox = createInbox()
  inbox.push(message(1, 5 * 1024 * 1024))
  inbox.close()
  const reader = inbox[Symbol.asyncIterator]()
  expect((await reader.next()).done).toBe(false)
  expect((await reader.next()).done).toBe(true)
  expect(inbox.push(message(2))).toBeUndefined()
})
