import { createSocket } from 'node:dgram'
import { randomFraction, randomInteger, sleep } from '@ethwire/io'
import { bindDatagram, createNodeResolver, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { describe, expect, it } from 'vitest'
import { createSeededRandom, createVirtualClock } from '../src/index.ts'

describe('datagrams', () => {
  it('go between two sockets, with the sender’s address', async () => {
    const a = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    const b = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    await a.send(Uint8Array.of(1, 2, 3), b.local)
    for await (const packet of b) {
      expect(packet).toEqual({ bytes: Uint8Array.of(1, 2, 3), from: a.local })
      expect(packet.bytes.constructor).toBe(Uint8Array)
      break
    }
    await Promise.all([a.close(), b.close()])
  })

  it('go to and from IPv4 on a socket for both families', async () => {
    const both = await bindDatagram({ ip: '::', port: 0 })
    const four = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    await both.send(Uint8Array.of(1), four.local)
    const { value } = await four[Symbol.asyncIterator]().next()
    expect(value.from).toEqual({ ip: '127.0.0.1', port: both.local.port })
    await four.send(Uint8Array.of(2), value.from)
    expect((await both[Symbol.asyncIterator]().next()).value.from).toEqual(four.local)
    await Promise.all([both.close(), four.close()])
  })

  it('are handed over as they come to whoever wants no iterator, what waited first', async () => {
    const a = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    const b = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    const first = Promise.withResolvers<void>()
    for (const byte of [1, 2, 3]) await a.send(Uint8Array.of(byte), b.local)
    for await (const { bytes } of b) if (bytes[0] === 1) break
    const taken: number[] = []
    b.onPacket?.(({ bytes, from }) => {
      taken.push(bytes[0] ?? 0)
      expect(from).toEqual(a.local)
      if (taken.length === 3) first.resolve()
    })
    await a.send(Uint8Array.of(4), b.local)
    await first.promise
    expect(taken).toEqual([2, 3, 4])
    await Promise.all([a.close(), b.close()])
  })

  it('end with the socket, which closes once and sends nothing afterwards', async () => {
    const socket = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    const next = socket[Symbol.asyncIterator]().next()
    await socket.close()
    await socket.close()
    expect((await next).done).toBe(true)
    await expect(socket.send(Uint8Array.of(1), socket.local)).rejects.toMatchObject({ code: 'IO_CLOSED' })
  })

  it('are refused a port that is in use and a size that no packet has', async () => {
    const socket = await bindDatagram({ ip: '127.0.0.1', port: 0 })
    await expect(bindDatagram(socket.local)).rejects.toMatchObject({ code: 'IO_ADDRESS_IN_USE' })
    await expect(socket.send(new Uint8Array(70_000), socket.local)).rejects.toMatchObject({ code: 'IO_LIMIT' })
    await socket.close()
  })
})

describe('resolver', () => {
  it('finds this machine', async () => {
    expect(await nodeResolver.addresses('localhost')).toContainEqual(expect.stringMatching(/^(127\.0\.0\.1|::1)$/))
  })

  it('joins the strings of a text record, and tells a name without an answer', async () => {
    const server = createSocket('udp4')
    server.on('message', (query, from) => {
      const known = query.subarray(12, 16).toString() === '\x03yes'
      const header = Buffer.concat([
        query.subarray(0, 2),
        Buffer.from(known ? '85800001000100000000' : '85830001000000000000', 'hex'),
      ])
      let end = 12
      while (query[end] !== 0) end += (query[end] ?? 0) + 1
      const question = query.subarray(12, end + 5)
      const answer = Buffer.from('c00c0010000100000001000602616203636465', 'hex')
      answer[11] = 7
      server.send(
        known ? Buffer.concat([header, question, answer]) : Buffer.concat([header, question]),
        from.port,
        from.address,
      )
    })
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
    const resolver = createNodeResolver({ servers: [`127.0.0.1:${server.address().port}`] })
    expect(await resolver.texts('yes.example')).toEqual(['abcde'])
    await expect(resolver.texts('no.example')).rejects.toMatchObject({ code: 'IO_NAME_NOT_FOUND' })
    server.close()
  })

  it('stops asking when the signal aborts', async () => {
    const silent = createSocket('udp4')
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
    const resolver = createNodeResolver({ servers: [`127.0.0.1:${silent.address().port}`] })
    const controller = new AbortController()
    const asking = resolver.texts('example.org', { signal: controller.signal })
    controller.abort(new Error('stop'))
    await expect(asking).rejects.toThrow('stop')
    silent.close()
  })
})

describe('clock and randomness', () => {
  it('fires a timer once, unless it was cancelled', async () => {
    const fired: string[] = []
    nodeClock.setTimer(0, () => fired.push('cancelled')).cancel()
    const timer = nodeClock.setTimer(Number.MAX_SAFE_INTEGER, () => fired.push('far away'))
    await new Promise<void>((resolve) => nodeClock.setTimer(5, resolve))
    timer.cancel()
    expect(fired).toEqual([])
    expect(nodeClock.now()).toBeGreaterThan(1_700_000_000_000)
  })

  it('sleeps until the signal aborts', async () => {
    const clock = createVirtualClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 1000, { signal: controller.signal })
    controller.abort(new Error('up'))
    await expect(sleeping).rejects.toThrow('up')
    expect(clock.timers).toBe(0)
    await expect(sleep(clock, 1, { signal: controller.signal })).rejects.toThrow('up')
  })

  it('draws different bytes from the system, and uniform integers', () => {
    expect(nodeRandom.bytes(32)).not.toEqual(nodeRandom.bytes(32))
    const random = createSeededRandom(1)
    const counts = new Array<number>(5).fill(0)
    for (let draw = 0; draw < 5000; draw++) counts[randomInteger(random, 5)]!++
    for (const count of counts) expect(count).toBeGreaterThan(900)
    expect(randomFraction(random)).toBeLessThan(1)
    expect(() => randomInteger(random, 0)).toThrow(RangeError)
  })
})
