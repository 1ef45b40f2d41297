import { defineProtocol, type Protocol, type ProtocolConnection } from '@ethwire/protocol'
import { u64 } from '@ethwire/rlp-codec'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { allOf, createAllowance } from '../src/allowance.ts'
import type { BandwidthOptions, P2pServer } from '../src/index.ts'
import { createWorld, next } from './support.ts'

const KIB = 1024

/** How many bytes pass in a while when somebody always has more. */
async function passed(bytesPerSecond: number, chunk: number, seconds: number): Promise<number> {
  const clock = createVirtualClock()
  const allowance = createAllowance(clock, bytesPerSecond)
  let bytes = 0
  const go = (): void => {
    bytes += chunk
    allowance.charge(chunk)
    queueMicrotask(() => allowance.whenReady(go))
  }
  allowance.whenReady(go)
  await clock.advance(seconds * 1000)
  allowance.close()
  expect(clock.timers).toBe(0)
  return bytes
}

describe('an allowance', () => {
  test.each([
    ['small messages', 50_000, 500],
    ['messages larger than a second’s worth', 1_000, 50_000],
    ['one byte a second', 1, 1],
  ])('lets through its rate, and a second’s worth at once: %s', async (_, rate, chunk) => {
    const bytes = await passed(rate, chunk, 600)
    expect(bytes).toBeLessThanOrEqual(rate * 601 + chunk)
    expect(bytes).toBeGreaterThanOrEqual(rate * 600 * 0.99 - chunk)
  })

  test('gives way to those who wait in the order in which they came', async () => {
    const clock = createVirtualClock()
    const allowance = createAllowance(clock, 100)
    allowance.charge(200)
    const order: number[] = []
    for (let n = 0; n < 3; n++) {
      allowance.whenReady(() => {
        order.push(n)
        allowance.charge(100)
      })
    }
    await clock.advance(1_100)
    expect(order).toEqual([0])
    await clock.advance(5_000)
    expect(order).toEqual([0, 1, 2])
  })

  test('forgets who has left', async () => {
    const clock = createVirtualClock()
    const both = allOf([createAllowance(clock, 100), createAllowance(clock, 100)])
    both?.charge(200)
    let called = false
    const leave = both?.whenReady(() => {
      called = true
    })
    await clock.advance(500)
    leave?.()
    await clock.advance(60_000)
    expect(called).toBe(false)
  })
})

/** A protocol whose messages are of the size that its user likes. */
const bulk = defineProtocol({
  name: 'bulk',
  version: 1,
  messages: { n: { n: u64 } },
  limits: { maxMessageBytes: 1024 * KIB },
})

const noise = (bytes: number, seed = 1): Uint8Array => {
  let state = seed
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 24
  })
}

/** Sends messages of a size as fast as it may. */
function sender(bytes: number): Protocol {
  const payload = noise(bytes)
  return {
    ...bulk.run(() => undefined),
    async run({ send }: ProtocolConnection) {
      for (;;) await send(0, payload)
    },
  }
}

/** Reads all there is. */
const reader: Protocol = {
  ...bulk.run(() => undefined),
  async run({ messages }) {
    for await (const _ of messages);
  },
}

async function transfer(of: {
  sender?: BandwidthOptions
  reader?: BandwidthOptions
  readers?: number
  bytes?: number
}) {
  const world = createWorld()
  const a = await world.start(1, {
    protocols: [sender(of.bytes ?? 2 * KIB)],
    ...(of.sender && { bandwidth: of.sender }),
  })
  const readers: P2pServer[] = []
  for (let n = 0; n < (of.readers ?? 1); n++) {
    readers.push(
      await world.start(2 + n, {
        ...{ protocols: [reader], staticNodes: [a.localNode.enode] },
        ...(of.reader && { bandwidth: of.reader }),
      }),
    )
  }
  return { ...world, a, readers }
}

const near = (value: number, expected: number): void => {
  expect(value / expected).toBeGreaterThan(0.9)
  expect(value / expected).toBeLessThan(1.1)
}

describe('bandwidth', () => {
  test('of a peer’s upload is what the option says, and keeps the peer', async () => {
    const { clock, a } = await transfer({ sender: { peerUploadBytesPerSecond: 8 * KIB } })
    await clock.advance(60_000)
    const [peer] = a.peers()
    near(peer?.bytesSent ?? 0, 60 * 8 * KIB)
  })

  test('of all uploads together is divided between the peers', async () => {
    const { clock, a } = await transfer({ sender: { uploadBytesPerSecond: 9 * KIB }, readers: 3 })
    await clock.advance(60_000)
    const sent = a.peers().map(({ bytesSent }) => bytesSent)
    near(
      sent.reduce((sum, bytes) => sum + bytes, 0),
      60 * 9 * KIB,
    )
    for (const bytes of sent) near(bytes, 60 * 3 * KIB)
  })

  test('of a peer’s download is what the option says: the other side is held back, and loses nothing', async () => {
    const { clock, readers } = await transfer({ reader: { peerDownloadBytesPerSecond: 8 * KIB } })
    await clock.advance(60_000)
    const [peer] = readers[0]?.peers() ?? []
    near(peer?.bytesReceived ?? 0, 60 * 8 * KIB)
    const [traffic] = peer?.traffic() ?? []
    expect(traffic).toMatchObject({ protocol: 'bulk', version: 1, code: 0, messagesSent: 0 })
    near(traffic?.bytesReceived ?? 0, 60 * 8 * KIB)
  })

  test('of all downloads together holds for all peers together', async () => {
    const world = createWorld()
    const a = await world.start(1, { protocols: [reader], bandwidth: { downloadBytesPerSecond: 9 * KIB } })
    for (const n of [2, 3, 4]) {
      await world.start(n, { protocols: [sender(2 * KIB)], staticNodes: [a.localNode.enode] })
    }
    await world.clock.advance(60_000)
    expect(a.peers()).toHaveLength(3)
    near(
      a.peers().reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
      60 * 9 * KIB,
    )
  })

  test('spreads a large message over the time that it takes, and pings go out between two', async () => {
    const { clock, a, readers } = await transfer({ sender: { peerUploadBytesPerSecond: 128 * KIB }, bytes: 1000 * KIB })
    await clock.runUntil(next(a, 'peer:add'))
    const startMs = clock.monotonicMs()
    for (let seconds = 1; seconds <= 60; seconds++) {
      await clock.advance(1_000)
      const allowed = ((clock.monotonicMs() - startMs) / 1000 + 1) * 128 * KIB
      expect(a.peers()[0]?.bytesSent).toBeLessThanOrEqual(allowed + 65 * KIB)
    }
    near(a.peers()[0]?.bytesSent ?? 0, 61 * 128 * KIB)
    expect(readers[0]?.peers()[0]?.traffic()[0]?.messagesReceived).toBe(7)
  })

  test('that is so little that a message takes longer than the read deadline leaves pings through', async () => {
    const { clock, a } = await transfer({ sender: { peerUploadBytesPerSecond: 4 * KIB }, bytes: 512 * KIB })
    await clock.advance(600_000)
    expect(a.peers()).toHaveLength(1)
    expect(a.peers()[0]?.bytesSent).toBeLessThanOrEqual(601 * 4 * KIB + 520 * KIB)
  })

  test('that holds messages back leaves no timer when the server closes', async () => {
    const { clock, a, readers } = await transfer({
      ...{ sender: { uploadBytesPerSecond: 1, peerUploadBytesPerSecond: 1 }, reader: { downloadBytesPerSecond: 1 } },
      bytes: 64 * KIB,
    })
    await clock.runUntil(next(a, 'peer:add'))
    await clock.advance(10_000)
    await clock.runUntil(Promise.all([a.close(), ...readers.map((server) => server.close())]))
    await clock.advance(10_000)
    expect(clock.timers).toBe(0)
  })

  test.each([64, 512])('tells the peer why it goes, however much of messages of %i KiB is held back', async (kib) => {
    const { clock, a, readers } = await transfer({ sender: { uploadBytesPerSecond: 1 }, bytes: kib * KIB })
    await clock.runUntil(next(a, 'peer:add'))
    await clock.advance(5_000)
    const dropped = next(readers[0] as P2pServer, 'peer:drop')
    a.peers()[0]?.disconnect(4)
    expect(await clock.runUntil(dropped)).toMatchObject({ reason: 4, side: 'remote' })
  })
})
