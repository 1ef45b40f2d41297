import { bytes as bytesOf, encode, list, raw, struct, u64, utf8 } from '@ethwire/rlp-codec'
import { createVirtualClock, messagePipe } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { type DefinedProtocol, defineProtocol, ProtocolError, request } from '../src/index.ts'

const chat = defineProtocol({
  name: 'chat',
  version: 1,
  messages: { say: { text: utf8(280) }, history: request({ since: u64 }, { lines: list(utf8(280), 100) }) },
  limits: { maxMessageBytes: 64 * 1024 },
})

type ChatPeer = Parameters<Parameters<typeof chat.run>[0]>[0]

function connect(left: (peer: ChatPeer) => Promise<void> | void, right: (peer: ChatPeer) => Promise<void> | void) {
  const clock = createVirtualClock()
  const [a, b] = messagePipe({ clock })
  return { clock, a, b, left: chat.run(left).run(a), right: chat.run(right).run(b) }
}

describe('a defined protocol', () => {
  test('has a code for each message and two for a request', () => {
    expect(chat.length).toBe(3)
    expect(chat.run(() => undefined).versions).toEqual({ 1: { length: 3 } })
  })

  test('delivers messages and answers requests', async () => {
    const heard = Promise.withResolvers<string>()
    const answer = Promise.withResolvers<readonly string[]>()
    const { a, left, right } = connect(
      async (peer) => {
        await peer.say({ text: 'hello' })
        answer.resolve((await peer.history({ since: 5n })).lines)
      },
      (peer) => {
        peer.on('say', ({ text }) => heard.resolve(text))
        peer.on('history', ({ since }) => ({ lines: [`since ${since}`] }))
      },
    )
    expect(await heard.promise).toBe('hello')
    expect(await answer.promise).toEqual(['since 5'])
    a.disconnect(0)
    await Promise.all([left, right])
  })

  test('a handler may itself ask while messages wait', async () => {
    const answer = Promise.withResolvers<readonly string[]>()
    const { a, left, right } = connect(
      (peer) => {
        peer.on('say', async () => answer.resolve((await peer.history({ since: 1n })).lines))
      },
      async (peer) => {
        peer.on('history', () => ({ lines: ['x'] }))
        await peer.say({ text: 'ask me' })
      },
    )
    expect(await answer.promise).toEqual(['x'])
    a.disconnect(0)
    await Promise.all([left, right])
  })

  test('a handler gets its answer also behind more messages than are read ahead', async () => {
    const answers: string[] = []
    const all = Promise.withResolvers<void>()
    const { a, clock, left, right } = connect(
      (peer) => {
        peer.on('say', async () => {
          answers.push(...(await peer.history({ since: 1n })).lines)
          if (answers.length === 200) all.resolve()
        })
      },
      async (peer) => {
        peer.on('history', () => ({ lines: ['x'] }))
        for (let sent = 0; sent < 200; sent++) await peer.say({ text: 'ask me' })
      },
    )
    await all.promise
    expect(clock.monotonicMs()).toBe(0)
    a.disconnect(0)
    await Promise.all([left, right])
  })

  test.each([
    ['64', 1, 64, false],
    ['4 MiB', 1024 * 1024, 4, false],
    ['1,024', 1, 1024, true],
    ['16 MiB', 1024 * 1024, 16, true],
  ])('reads %s of messages ahead of a handler that waits (of %i bytes each)', async (_, bytes, most, isAsking) => {
    const [a, b] = messagePipe({ maxWaiting: 1 })
    const { promise: never } = Promise.withResolvers<void>()
    const store = defineProtocol({
      name: 'store',
      version: 1,
      messages: { put: { data: raw(2 ** 24) }, ask: request({ since: u64 }, { until: u64 }) },
      limits: { maxMessageBytes: 2 ** 24 },
    })
    void store
      .run((peer) => peer.on('put', () => (isAsking ? peer.ask({ since: 1n }).then(() => undefined) : never)))
      .run(a)
    const payload = encode(struct({ data: raw(2 ** 24) }), { data: encode(bytesOf(2 ** 24), new Uint8Array(bytes)) })
    let sent = 0
    const sending = (async () => {
      for (; sent < 2000; sent++) await b.send(0, payload)
    })()
    sending.catch(() => undefined)
    for (let before = -1; before !== sent; ) {
      before = sent
      for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
    }
    // One is with the handler, one waits in the pipe.
    expect(sent).toBe(most + 2)
    a.disconnect(0)
  })

  test('a request without an answer ends at its deadline', async () => {
    const clock = createVirtualClock()
    const [a] = messagePipe({ clock })
    const outcome = Promise.withResolvers<unknown>()
    const running = chat
      .run(async (peer) => {
        await peer.history({ since: 0n }, { timeoutMs: 700 }).catch(outcome.resolve)
      })
      .run(a)
    await clock.advance(700)
    expect(await outcome.promise).toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
    a.disconnect(0)
    await running
    expect(clock.timers).toBe(0)
  })

  const offences: [string, number, Uint8Array, string][] = [
    ['a code that does not exist', 7, Uint8Array.of(0xc0), 'PROTOCOL_INVALID_CODE'],
    ['a message that is not its schema', 0, Uint8Array.of(0xc1, 0xc0), 'PROTOCOL_DECODE'],
    [
      'a request that nothing answers',
      1,
      encode(struct({ id: u64, since: u64 }), { id: 1n, since: 0n }),
      'PROTOCOL_NO_HANDLER',
    ],
    [
      'an answer to nothing',
      2,
      encode(struct({ id: u64, lines: list(utf8(9), 1) }), { id: 9n, lines: [] }),
      'PROTOCOL_UNSOLICITED',
    ],
  ]
  test.each(offences)('%s ends the peer with a typed error', async (_, code, payload, expected) => {
    const [a, b] = messagePipe()
    const running = chat.run(() => undefined).run(a)
    await b.send(code, payload)
    await expect(running).rejects.toMatchObject({ code: expected })
  })

  test('what a handler throws ends the peer as a subprotocol error', async () => {
    const [a, b] = messagePipe()
    const running = chat
      .run((peer) => {
        peer.on('say', () => {
          throw new Error('mistake')
        })
      })
      .run(a)
    await b.send(0, encode(struct({ text: utf8(9) }), { text: 'x' }))
    await expect(running).rejects.toMatchObject({ code: 'PROTOCOL_HANDLER', reason: 0x10 })
  })

  test('names that are taken, and names too long, are refused at definition', () => {
    const limits = { maxMessageBytes: 100 }
    expect(() => defineProtocol({ name: 'x', version: 1, messages: { on: {} }, limits })).toThrow(RangeError)
    expect(() => defineProtocol({ name: 'far-too-long', version: 1, messages: {}, limits })).toThrow(RangeError)
  })
})

describe('a protocol with a handshake', () => {
  const withHandshake = (
    network: bigint,
  ): DefinedProtocol<{ say: { text: ReturnType<typeof utf8> } }, { network: typeof u64 }> =>
    defineProtocol({
      name: 'hs',
      version: 1,
      messages: { say: { text: utf8(9) } },
      limits: { maxMessageBytes: 100 },
      handshake: {
        fields: { network: u64 },
        local: () => ({ network }),
        verify(remote, local) {
          if (remote.network !== local.network) throw new Error(`network ${remote.network}`)
        },
      },
    })

  test('knows what the other side sent before its handler runs', async () => {
    const [a, b] = messagePipe()
    const seen = Promise.withResolvers<bigint>()
    const running = [
      withHandshake(7n)
        .run((peer) => seen.resolve(peer.handshake.network))
        .run(a),
      withHandshake(7n)
        .run(() => undefined)
        .run(b),
    ]
    expect(await seen.promise).toBe(7n)
    a.disconnect(0)
    await Promise.all(running)
  })

  test('refuses another network', async () => {
    const [a, b] = messagePipe()
    const ours = withHandshake(7n)
      .run(() => undefined)
      .run(a)
    const theirs = withHandshake(8n)
      .run(() => undefined)
      .run(b)
    await expect(ours).rejects.toMatchObject({ code: 'PROTOCOL_HANDSHAKE' })
    await expect(theirs).rejects.toBeInstanceOf(ProtocolError)
  })

  test('waits 5 s for it and no longer', async () => {
    const clock = createVirtualClock()
    const [a] = messagePipe({ clock })
    const running = withHandshake(7n)
      .run(() => undefined)
      .run(a)
    running.catch(() => undefined)
    await clock.advance(5_000)
    await expect(running).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
  })
})
