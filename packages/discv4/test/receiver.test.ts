import { type Datagram, type DatagramSocket, silentLogger } from '@ethwire/io'
import { expect, it } from 'vitest'
import { createWorld, type World } from './harness.ts'

/** A socket of the world that hands packets over instead of yielding them. */
async function handingSocket({ network }: World, ip: string): Promise<DatagramSocket> {
  const socket = await network.bind({ ip, port: 30303 })
  return {
    local: socket.local,
    send: (bytes, to) => socket.send(bytes, to),
    close: () => socket.close(),
    onPacket(take: (datagram: Datagram) => void) {
      const read = async (): Promise<void> => {
        for await (const datagram of socket) take(datagram)
      }
      void read()
    },
    [Symbol.asyncIterator]: () => {
      throw new Error('nobody is to ask')
    },
  }
}

it('packets are taken as they come where the socket hands them over, until the end', async () => {
  const world = createWorld()
  const socket = await handingSocket(world, '32.0.0.1')
  const ours = await world.node(0, '32.0.0.1', { socket })
  const them = await world.stranger(1, '32.0.1.1')
  await them.bond(ours.local)
  them.send({ type: 'findnode' }, ours.local)
  await world.clock.advance(100)
  expect(them.got('pong')).toHaveLength(1)
  expect(them.got('neighbors')).toHaveLength(1)
  await ours.close()
  them.forget()
  them.send({ type: 'ping' }, ours.local)
  await world.clock.advance(100)
  expect(them.received).toEqual([])
})

it('a packet that cannot be handled is a fault of ours, which the log tells, and no reason to hear no other', async () => {
  const world = createWorld()
  const errors: string[] = []
  const logger = { ...silentLogger, error: (_fields: object, message: string) => void errors.push(message) }
  let fails = true
  const netRestrict = {
    contains: () => {
      if (fails) throw new Error('a fault of ours')
      return true
    },
  }
  const ours = await world.node(0, '32.0.0.1', { netRestrict, logger })
  const them = await world.stranger(1, '32.0.1.1')
  them.send({ type: 'ping' }, ours.local)
  await world.clock.advance(100)
  expect(errors).toEqual(['A packet could not be handled'])
  fails = false
  them.send({ type: 'ping' }, ours.local)
  await world.clock.advance(100)
  expect(them.got('pong')).toHaveLength(1)
})
