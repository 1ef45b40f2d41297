import { createEvents } from '@ethwire/io'
import { P2pError, type P2pServerEvents, type Peer } from '@ethwire/p2p-server'
import { expect, test } from 'vitest'
import { peerEvents } from '../src/rpc/peer-events.ts'

const network = { localAddress: '127.0.0.1:30303', remoteAddress: '[::1]:50000' }
const peer = { id: 'ab'.repeat(32), info: () => ({ network }) } as Peer
const told = { peer: peer.id, local: network.localAddress, remote: network.remoteAddress }

function subscribed() {
  const events = createEvents<P2pServerEvents>((error) => {
    throw error
  })
  const seen: unknown[] = []
  const end = peerEvents(events)((event) => seen.push(event))
  const drop = (error: P2pError): void => {
    const counts = { durationMs: 5, bytesReceived: 1, bytesSent: 2 }
    events.emit('peer:drop', { peer, error, reason: error.reason, side: 'remote', rule: error.rule, ...counts })
  }
  return { events, seen, end, drop }
}

test("a peer event has geth's shape", () => {
  const { events, seen, drop } = subscribed()
  const message = { peer, protocol: 'eth', version: 70, code: 0, bytes: 33 }
  events.emit('peer:add', { peer })
  events.emit('msg:send', message)
  events.emit('msg:recv', { ...message, code: 0x10, bytes: 0 })
  drop(new P2pError('P2P_DISCONNECTED', 'the peer says: too many peers', { reason: 4 }))
  expect(seen).toEqual([
    { type: 'add', ...told },
    { type: 'msgsend', ...told, protocol: 'eth', msg_code: 0, msg_size: 33 },
    { type: 'msgrecv', ...told, protocol: 'eth', msg_code: 16, msg_size: 0 },
    { type: 'drop', ...told, error: 'too many peers' },
  ])
})

test('a drop says what went wrong where no reason was exchanged, in 500 characters', () => {
  const { seen, drop } = subscribed()
  drop(new P2pError('P2P_CLOSED', 'the stream ended'))
  drop(new P2pError('P2P_PROTOCOL_ENDED', `eth/70: ${'x'.repeat(10_000)}`, { reason: 0x10 }))
  expect(seen).toMatchObject([{ error: 'the stream ended' }, { error: `eth/70: ${'x'.repeat(492)}` }])
})

test('nothing is told when it has ended', () => {
  const { events, seen, end } = subscribed()
  end()
  events.emit('peer:add', { peer })
  expect(seen).toEqual([])
})
