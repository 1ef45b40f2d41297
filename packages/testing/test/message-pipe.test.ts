import { describe, expect, it } from 'vitest'
import { expectMessage, messagePipe } from '../src/index.ts'
import { collect } from './collect.ts'

const payload = Uint8Array.of(0xc0)

describe('message pipe', () => {
  it('carries messages both ways in order', async () => {
    const [a, b] = messagePipe()
    await a.send(1, payload)
    await a.send(2, Uint8Array.of(0x80))
    await b.send(3, payload)
    expect(await expectMessage(b, 1)).toEqual(payload)
    await expectMessage(b, 2, { payload: Uint8Array.of(0x80) })
    await expectMessage(a, 3)
  })

  it('holds the sender back when the other end does not read', async () => {
    const [a, b] = messagePipe({ maxWaiting: 2 })
    await a.send(1, payload)
    await a.send(2, payload)
    let sent = false
    const third = a.send(3, payload).then(() => {
      sent = true
    })
    const controller = new AbortController()
    const fourth = a.send(4, payload, { signal: controller.signal })
    controller.abort(new Error('no longer'))
    await expect(fourth).rejects.toThrow('no longer')
    expect(sent).toBe(false)
    await expectMessage(b, 1)
    await expectMessage(b, 2)
    await third
  })

  it('ends for both after what was sent, with a reason, and refuses more', async () => {
    const [a, b] = messagePipe({ peers: ['alice', 'bob'], version: 69 })
    expect([a.peer, b.peer, a.version]).toEqual(['alice', 'bob', 69])
    await a.send(1, payload)
    a.disconnect(8)
    a.close()
    expect((await collect(b.messages)).map(({ code }) => code)).toEqual([1])
    expect(await a.disconnected).toEqual({ reason: 8, by: 'self' })
    expect(await b.disconnected).toEqual({ reason: 8, by: 'other' })
    await expect(b.send(1, payload)).rejects.toMatchObject({ code: 'IO_CLOSED' })
  })

  it('rejects sends that wait when the pipe closes', async () => {
    const [a, b] = messagePipe({ maxWaiting: 1 })
    await a.send(1, payload)
    const waiting = a.send(2, payload)
    b.close()
    await expect(waiting).rejects.toMatchObject({ code: 'IO_CLOSED' })
  })
})

describe('expectMessage', () => {
  it('tells what came instead', async () => {
    const [a, b] = messagePipe()
    await a.send(2, payload)
    await expect(expectMessage(b, 1)).rejects.toThrow('expected message 1, got message 2 with payload c0')
    await a.send(2, payload)
    await expect(expectMessage(b, 2, { payload: Uint8Array.of(0x80) })).rejects.toThrow('payload 80, got c0')
    a.close()
    await expect(expectMessage(b, 2)).rejects.toThrow('the messages ended')
  })

  it('stops waiting when the signal aborts', async () => {
    const [, b] = messagePipe()
    await expect(expectMessage(b, 1, { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})
