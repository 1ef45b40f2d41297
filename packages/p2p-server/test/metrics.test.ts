import type { Metrics } from '@ethwire/io'
import { describe, expect, test } from 'vitest'
import { P2pError } from '../src/index.ts'
import { failureClass } from '../src/setup-outcome.ts'
import { createWorld, echo, next } from './support.ts'

function countingMetrics() {
  const values: Record<string, number> = {}
  const put = (name: string, value: number): void => {
    values[name] = value
  }
  const instrument = (name: string) => ({
    add: (amount = 1) => put(name, (values[name] ?? 0) + amount),
    set: (value: number) => put(name, value),
    observe: () => undefined,
  })
  const metrics: Metrics = { counter: instrument, gauge: instrument, histogram: instrument }
  return { values, metrics }
}

describe('metrics have geth’s names', () => {
  test('of peers on either side, and of who stays for a minute', async () => {
    const { clock, start } = createWorld()
    const [server, client] = [countingMetrics(), countingMetrics()]
    const a = await start(1, { metrics: server.metrics })
    const b = await start(2, { metrics: client.metrics, staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(a, 'peer:add'))
    await clock.settle()
    expect(server.values).toMatchObject({
      'p2p/peers': 1,
      'p2p/peers/inbound': 1,
      'p2p/peers/outbound': 0,
      'p2p/serves': 1,
      'p2p/serves/success': 1,
    })
    expect(client.values).toMatchObject({ 'p2p/peers/outbound': 1, 'p2p/dials': 1, 'p2p/dials/success': 1 })
    expect(client.values['p2p/dials/success/1min']).toBeUndefined()
    await clock.advance(60_000)
    expect(client.values['p2p/dials/success/1min']).toBe(1)
    expect(server.values['p2p/serves/success/1min']).toBe(1)
    await clock.runUntil(b.close())
    await clock.settle()
    expect(server.values).toMatchObject({ 'p2p/peers': 0, 'p2p/peers/inbound': 0 })
  })

  test('of messages by capability, version and code, whose bytes are those of the peer’s traffic', async () => {
    const { clock, start } = createWorld()
    const { values, metrics } = countingMetrics()
    const a = await start(1, { metrics })
    const b = await start(2, {
      staticNodes: [a.localNode.enode],
      protocols: [
        echo.run(async (peer) => {
          for (let n = 0n; n < 3n; n++) await peer.echo({ n })
        }),
      ],
    })
    const { peer } = await clock.runUntil(next(a, 'peer:add'))
    await clock.advance(1_000)
    const [question, answer] = peer.traffic()
    expect(question).toMatchObject({ code: 0, messagesReceived: 3, messagesSent: 0, bytesSent: 0 })
    expect(answer).toMatchObject({ code: 1, messagesReceived: 0, messagesSent: 3 })
    expect(values).toMatchObject({
      'p2p/ingress/echo/1/0x00': question?.bytesReceived,
      'p2p/ingress/echo/1/0x00/packets': 3,
      'p2p/egress/echo/1/0x01': answer?.bytesSent,
      'p2p/egress/echo/1/0x01/packets': 3,
    })
    const [theirs] = b.peers()
    expect(theirs?.traffic()[0]?.bytesSent).toBe(question?.bytesReceived)
  })

  test('of failures, by their class', async () => {
    const { clock, start } = createWorld()
    const [server, client] = [countingMetrics(), countingMetrics()]
    const a = await start(1, { maxPeers: 0, metrics: server.metrics })
    const b = await start(2, { metrics: client.metrics, staticNodes: [a.localNode.enode] })
    await clock.runUntil(next(b, 'dial:failed'))
    expect(client.values['p2p/dials/error/saturated']).toBe(1)
    expect(server.values['p2p/serves/error/saturated']).toBe(1)
    await clock.runUntil(a.close())
    await clock.runUntil(next(b, 'dial:failed'))
    expect(client.values['p2p/dials/error/connection']).toBe(1)
  })

  test.each([
    ['saturated', new P2pError('P2P_REFUSED', '', { reason: 4 }), 'handshake'],
    ['saturated', new P2pError('P2P_DISCONNECTED', '', { reason: 4 }), 'hello'],
    ['known', new P2pError('P2P_REFUSED', '', { reason: 5 }), 'hello'],
    ['self', new P2pError('P2P_REFUSED', '', { reason: 10 }), 'hello'],
    ['useless', new P2pError('P2P_DISCONNECTED', '', { reason: 3 }), 'hello'],
    ['id/unexpected', new P2pError('P2P_UNEXPECTED_IDENTITY', ''), 'hello'],
    ['rlpx/enc', new P2pError('P2P_HANDSHAKE_FAILED', ''), 'handshake'],
    ['rlpx/enc', new P2pError('P2P_TIMEOUT', ''), 'handshake'],
    ['rlpx/proto', new P2pError('P2P_CLOSED', ''), 'hello'],
    ['rlpx/proto', new P2pError('P2P_BREACH', ''), 'hello'],
    ['connection', new P2pError('P2P_DIAL_FAILED', ''), 'connect'],
    ['other', new P2pError('P2P_REQUESTED', '', { rule: 'closing' }), 'hello'],
  ] as const)('%s', (name, error, stage) => {
    expect(failureClass(error, stage)).toBe(name)
  })
})
