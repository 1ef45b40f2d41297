import { connect } from 'node:net'
import { dialTcp, listenTcp } from '@ethwire/io/node'
import { describe, expect, it } from 'vitest'
import { describeStreams } from './stream-conformance.ts'

describeStreams('TCP', () => ({ dial: dialTcp, listen: listenTcp }))

describe('TCP alone', () => {
  it('looks no name up: what is no address is the caller’s mistake', async () => {
    await expect(dialTcp({ ip: 'localhost', port: 1 })).rejects.toThrow(TypeError)
    await expect(dialTcp({ ip: '127.0.0.1', port: 65536 })).rejects.toThrow(RangeError)
    await expect(listenTcp({ ip: 'localhost', port: 0 })).rejects.toThrow(TypeError)
  })

  it('stops a dial that is under way when the signal aborts', async () => {
    const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
    const controller = new AbortController()
    const dialling = dialTcp(listener.local, { signal: controller.signal })
    controller.abort(new Error('stop'))
    await expect(dialling).rejects.toThrow('stop')
    await listener.close()
  })

  it('shows an IPv4 address as such on a listener for both families', async () => {
    const listener = await listenTcp({ ip: '::', port: 0 })
    const dialled = await dialTcp({ ip: '127.0.0.1', port: listener.local.port })
    for await (const accepted of listener) {
      expect(accepted.remote.ip).toBe('127.0.0.1')
      expect(accepted.local.ip).toBe('127.0.0.1')
      accepted.abort()
      break
    }
    dialled.abort()
    await listener.close()
  })

  it('survives clients that reset at once', async () => {
    const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
    for (let count = 0; count < 20; count++) {
      await new Promise<void>((resolve) => {
        const socket = connect(listener.local.port, '127.0.0.1', () => {
          socket.resetAndDestroy()
          resolve()
        })
        socket.on('error', () => undefined)
      })
    }
    const dialled = await dialTcp(listener.local)
    for await (const accepted of listener) {
      const isOurs = accepted.remote.port === dialled.local.port
      if (!isOurs) await expect(accepted[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'IO_BROKEN' })
      accepted.abort()
      if (isOurs) break
    }
    dialled.abort()
    await listener.close()
  })

  it('reads nothing before it is asked to, then at most its bound ahead of the reader', async () => {
    const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
    const dialled = await dialTcp(listener.local)
    const accepted = (await listener[Symbol.asyncIterator]().next()).value
    const piece = new Uint8Array(1024 * 1024)
    const writes = Array.from({ length: 32 }, () => dialled.write(piece))
    writes.forEach((write) => {
      write.catch(() => undefined)
    })
    const iterator = accepted[Symbol.asyncIterator]()
    const first = await iterator.next()
    expect(first.value.length).toBeLessThanOrEqual(64 * 1024)
    dialled.abort()
    await dialled.closed
    let rest = 0
    await expect(
      (async () => {
        for (;;) rest += (await iterator.next()).value.length
      })(),
    ).rejects.toMatchObject({ code: 'IO_BROKEN' })
    expect(rest).toBeLessThanOrEqual(512 * 1024)
    await listener.close()
  })
})
