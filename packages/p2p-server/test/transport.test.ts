import { pureCrypto } from '@ethwire/crypto'
import { noMetrics, sleep } from '@ethwire/io'
import { createMemoryNetwork, createSeededRandom, createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { expect, test } from 'vitest'
import { setUpConnection } from '../src/connection-setup.ts'
import { P2pError, runHandshake } from '../src/index.ts'
import type { Turnstile } from '../src/turnstile.ts'

const LARGE = createSeededRandom(9).bytes(64 * 1024)

/** Two transports over one stream; the first reads what comes in its turn. */
async function pair(clock: VirtualClock, turnstile: Turnstile) {
  const network = createMemoryNetwork()
  const keys = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array]
  const publicKeys = keys.map((key) => pureCrypto.publicKey(key)) as [Uint8Array, Uint8Array]
  const options = (n: 0 | 1) => ({
    privateKey: keys[n],
    localHello: {
      ...{ protocolVersion: 5, clientId: `test/${n}`, listenPort: 0, publicKey: publicKeys[n] },
      capabilities: [{ name: 'echo', version: 1 }],
    },
    ...{ crypto: pureCrypto, random: createSeededRandom(n), clock, metrics: noMetrics, runHandshake },
  })
  const listener = await network.host('10.0.0.1').listen({ ip: '10.0.0.1', port: 30303 })
  const accepted = listener[Symbol.asyncIterator]().next()
  const dialled = await network.host('10.0.0.2').dial({ ip: '10.0.0.1', port: 30303 })
  const stream = (await accepted).value
  const write = dialled.write.bind(dialled)
  const chunks = { bytes: Number.POSITIVE_INFINITY }
  dialled.write = async (bytes) => {
    for (let at = 0; at < bytes.length; at += chunks.bytes) await write(bytes.subarray(at, at + chunks.bytes))
  }
  const [here, there] = await clock.runUntil(
    Promise.all([
      setUpConnection(stream, { ...options(0), turnstile }),
      setUpConnection(dialled, { ...options(1), remotePublicKey: publicKeys[0] }),
    ]),
  )
  for (const { transport } of [here, there])
    transport.startMessages({ maxMessageBytes: () => 2 ** 24 - 1, reportsOversized: () => false })
  const close = async (): Promise<void> => {
    for (const { transport } of [here, there]) transport.abort(new P2pError('P2P_CLOSED', 'done'))
    await listener.close()
  }
  return { reader: here.transport, writer: there.transport, chunks, close }
}

test('who is let in with only a part of a message lets the next one in at once', async () => {
  const clock = createVirtualClock()
  const passed: number[] = []
  const { reader, writer, chunks, close } = await pair(clock, {
    turn: () => Promise.resolve(),
    pass: (bytes) => void passed.push(bytes),
  })
  passed.length = 0
  chunks.bytes = 16 * 1024
  void writer.send(0x10, LARGE)
  const { payload } = await clock.runUntil(reader.receive())
  expect(payload.length).toBe(LARGE.length)
  expect(passed.at(-1)).toBe(LARGE.length)
  expect(passed.slice(0, -1).length).toBeGreaterThan(0)
  expect(passed.slice(0, -1).every((bytes) => bytes === 0)).toBe(true)
  await close()
})

test('the time until it is its turn is not counted as the peer’s silence', async () => {
  const clock = createVirtualClock()
  const { reader, writer, close } = await pair(clock, { turn: () => sleep(clock, 40_000), pass: () => undefined })
  void writer.send(0x10, LARGE)
  const { payload } = await clock.runUntil(reader.receive())
  expect(payload.length).toBe(LARGE.length)
  await close()
})
