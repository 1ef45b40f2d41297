import { describe, expect, test } from 'vitest'
import { createFairWriter } from '../src/fair-writer.ts'

/** A writer over a stream that takes one message whenever the test says so. */
function setUp() {
  const written: string[] = []
  let release: (() => void) | undefined
  const writer = createFairWriter({
    allowance: undefined,
    write: (code, payload, told) => {
      written.push(`${code}`)
      told(payload.length)
      return new Promise((resolve) => {
        release = resolve
      })
    },
  })
  const next = async (): Promise<void> => {
    release?.()
    await new Promise((turn) => setImmediate(turn))
  }
  const send = (lane: number, code: number, bytes = 100): void => {
    writer.send(lane, code, new Uint8Array(bytes))?.catch(() => undefined)
  }
  return { writer, written, next, send }
}

describe('messages', () => {
  test('of one lane leave in the order in which they came', async () => {
    const { written, next, send } = setUp()
    for (let code = 0; code < 5; code++) send(1, code)
    for (let n = 0; n < 5; n++) await next()
    expect(written).toEqual(['0', '1', '2', '3', '4'])
  })

  test('of two lanes take turns, however many one of them has', async () => {
    const { written, next, send } = setUp()
    for (let n = 0; n < 100; n++) send(1, 1)
    for (let n = 0; n < 3; n++) send(2, 2)
    for (let n = 0; n < 8; n++) await next()
    expect(written.slice(0, 8).join('')).toBe('12121211')
  })

  test('of a lane that has large ones wait for as many bytes of the others', async () => {
    const { written, next, send } = setUp()
    for (let n = 0; n < 3; n++) send(1, 1, 1000)
    for (let n = 0; n < 30; n++) send(2, 2, 100)
    for (let n = 0; n < 25; n++) await next()
    expect(written.join('')).toMatch(/^12{10}12{10}12+$/)
  })

  test('of a lane that was idle do not make up for it', async () => {
    const { written, next, send } = setUp()
    for (let n = 0; n < 50; n++) send(1, 1)
    for (let n = 0; n < 20; n++) await next()
    for (let n = 0; n < 20; n++) send(2, 2)
    written.length = 0
    for (let n = 0; n < 10; n++) await next()
    expect(written.filter((code) => code === '2').length).toBeLessThanOrEqual(6)
  })

  test('of the base protocol go before all others', async () => {
    const { written, next, send } = setUp()
    for (let n = 0; n < 5; n++) send(1, 1)
    send(0, 0)
    for (let n = 0; n < 2; n++) await next()
    expect(written.slice(0, 2)).toEqual(['1', '0'])
  })

  test('wait in bounded number and size, each lane for itself', () => {
    const { writer } = setUp()
    const send = (lane: number, bytes: number) => writer.send(lane, 0, new Uint8Array(bytes))
    for (let n = 0; n < 1025; n++) expect(send(1, 1)).toBeDefined()
    expect(send(1, 1)).toBeUndefined()
    for (let n = 0; n < 4; n++) expect(send(2, 10 << 20)).toBeDefined()
    expect(send(2, 1)).toBeUndefined()
    expect(send(3, 1)).toBeDefined()
  })
})

test('the last message leaves after what waits, and nothing after it', async () => {
  const { writer, written, next, send } = setUp()
  for (let n = 0; n < 3; n++) send(1, 1)
  const finished = writer.finish(9, new Uint8Array(1), new Error('over'))
  await expect(writer.send(1, 1, new Uint8Array(1))).rejects.toThrow('over')
  for (let n = 0; n < 4; n++) await next()
  await finished
  expect(written).toEqual(['1', '1', '1', '9'])
})

test('what fails to be written is told its sender, and the next one’s turn comes', async () => {
  let fails = true
  const writer = createFairWriter({
    allowance: undefined,
    async write() {
      if (fails) throw new Error('broken')
    },
  })
  await expect(writer.send(1, 1, new Uint8Array(1))).rejects.toThrow('broken')
  fails = false
  await expect(writer.send(1, 1, new Uint8Array(1))).resolves.toBe(0)
})
