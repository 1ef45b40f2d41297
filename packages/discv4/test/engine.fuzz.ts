import { silentLogger } from '@ethwire/io'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodePacket, type Packet } from '../src/packet.ts'
import { packets } from './arbitraries.ts'
import { createWorld, keyOf } from './harness.ts'

/** Addresses that nobody has, and those of others, which a node may name all the same. */
const ips = fc.constantFrom(
  ...['0.0.0.0', '255.255.255.255', '224.0.0.1', '127.0.0.1', '10.0.0.1', '32.0.1.1', '32.0.9.9'],
  ...['::', '::1', 'fe80::1', 'ff02::1', '2a00::1'],
)

/** A packet that has not expired, and names an address at which it matters. */
function current(packet: Packet, ip: string, nowMs: number): Packet {
  if (packet.type === 'enrResponse') return packet
  const expiration = Math.ceil(nowMs / 1000) + 20
  if (packet.type !== 'neighbors') return { ...packet, expiration }
  return { ...packet, nodes: packet.nodes.map((node) => ({ ...node, ip })), expiration }
}

/** What one node has to say to our requests, and unasked; whether time passes after it. */
type Talk = readonly [packet: Packet, ip: string, waits: boolean]

async function listenTo(sent: readonly Talk[], at: string): Promise<void> {
  const errors: unknown[] = []
  const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) }
  const world = createWorld()
  const { clock, crypto } = world
  const ours = await world.node(0, at.includes(':') ? '2a00::1' : '32.0.0.1', { logger })
  const them = await world.stranger(1, at)
  const write = (packet: Packet): void =>
    them.sendBytes(encodePacket(packet, { privateKey: keyOf(1), crypto }).bytes, ours.local)
  them.answerPings(7n)
  let next = 0
  const answer = (): void => {
    const [packet, ip] = sent[next++ % sent.length] ?? []
    if (packet !== undefined && ip !== undefined) write(current(packet, ip, clock.now()))
  }
  them.answer('findnode', answer)
  them.answer('enrRequest', answer)
  them.send({ type: 'ping' }, ours.local)
  await clock.advance(600)
  const asked = Promise.allSettled([
    ours.findNode(them.address, new Uint8Array(64)),
    ours.requestEnr(them.address),
    ours.resolve(them.address),
  ])
  for (const [packet, ip, waits] of sent) {
    write(current(packet, ip, clock.now()))
    if (waits) await clock.advance(100)
  }
  await clock.runUntil(asked)
  await clock.advance(20_000)
  them.forget()
  const last = await world.stranger(2, at.includes(':') ? '2a00::6' : '32.0.6.1')
  last.send({ type: 'ping' }, ours.local)
  await clock.advance(0)
  expect(last.got('pong')).toHaveLength(1)
  expect(errors).toEqual([])
  for (const node of [ours, them.socket, last.socket]) await node.close()
}

it('no packet is more than a packet: nothing that somebody sends or answers is an error, and the next ping is answered', async () => {
  // A property that is cut off by time goes on alone, and must not outlive its sockets.
  let last = Promise.resolve()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(packets, ips, fc.boolean()), { minLength: 1, maxLength: 40 }),
      fc.constantFrom('32.0.1.1', '10.0.1.1', '127.0.1.1', '2a00::5', 'fe80::5'),
      (sent, at) => {
        last = listenTo(sent, at)
        return last
      },
    ),
    { numRuns: 60 },
  )
  await last
})
