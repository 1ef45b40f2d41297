import type { ByteStream, Dial, Listen, Listener } from '@ethwire/io'
import { afterEach, describe, expect, it } from 'vitest'
import { collect } from './collect.ts'

const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255)

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}

async function readAll(stream: ByteStream): Promise<Uint8Array> {
  return concat(await collect(stream))
}

async function firstOf(listener: Listener): Promise<ByteStream> {
  const result = await listener[Symbol.asyncIterator]().next()
  if (result.done === true) throw new Error('the listener has ended')
  return result.value
}

/** What every implementation of `Dial`, `Listen` and `ByteStream` promises. */
export function describeStreams(name: string, create: () => { dial: Dial; listen: Listen }): void {
  describe(name, () => {
    const opened: { abort(): void }[] = []
    afterEach(() => {
      for (const one of opened.splice(0)) one.abort()
    })

    const listen = async (dialAndListen: { listen: Listen }): Promise<Listener> => {
      const listener = await dialAndListen.listen({ ip: '127.0.0.1', port: 0 })
      opened.push({ abort: () => void listener.close() })
      return listener
    }

    const connect = async (): Promise<[ByteStream, ByteStream]> => {
      const machine = create()
      const listener = await listen(machine)
      const dialled = await machine.dial(listener.local)
      const accepted = await firstOf(listener)
      opened.push(dialled, accepted)
      return [dialled, accepted]
    }

    it('takes a free port for port 0 and tells both ends who the other is', async () => {
      const [dialled, accepted] = await connect()
      expect(dialled.remote).toEqual(accepted.local)
      expect(accepted.remote).toEqual(dialled.local)
      expect(dialled.remote.ip).toBe('127.0.0.1')
      expect(dialled.remote.port).toBeGreaterThan(0)
    })

    it('carries bytes in order in both directions at once', async () => {
      const [a, b] = await connect()
      const there = bytes(300_000, 1)
      const back = bytes(200_000, 2)
      const send = async (stream: ByteStream, all: Uint8Array): Promise<void> => {
        for (let offset = 0; offset < all.length; offset += 1000)
          await stream.write(all.subarray(offset, offset + 1000))
        await stream.end()
      }
      const [, , atB, atA] = await Promise.all([send(a, there), send(b, back), readAll(b), readAll(a)])
      expect(Buffer.compare(atB, there)).toBe(0)
      expect(Buffer.compare(atA, back)).toBe(0)
      expect(await a.closed).toBeUndefined()
      expect(await b.closed).toBeUndefined()
    })

    it('hands out plain Uint8Arrays that the writer can no longer change', async () => {
      const [a, b] = await connect()
      const array = bytes(100)
      await a.write(array)
      array.fill(0)
      await a.end()
      const [chunk] = await collect(b)
      expect(chunk?.constructor).toBe(Uint8Array)
      expect(concat([chunk as Uint8Array])[1]).toBe(32)
    })

    it('goes on writing after the other side has half-closed', async () => {
      const [a, b] = await connect()
      await a.write(bytes(3))
      await a.end()
      expect(await readAll(b)).toEqual(bytes(3))
      await b.write(bytes(5))
      await b.end()
      expect(await readAll(a)).toEqual(bytes(5))
      expect(await Promise.all([a.closed, b.closed])).toEqual([undefined, undefined])
    })

    it('holds the writer back while nobody reads, and lets it go on when somebody does', async () => {
      const [a, b] = await connect()
      let written = 0
      const total = 200
      const piece = bytes(256 * 1024)
      const writing = (async () => {
        for (; written < total; written++) await a.write(piece)
        await a.end()
      })()
      let last = -1
      while (last !== written) {
        last = written
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      expect(written).toBeLessThan(total)
      let received = 0
      for await (const chunk of b) received += chunk.length
      await writing
      expect(received).toBe(total * piece.length)
    })

    it('refuses to write after end, and ends once', async () => {
      const [a, b] = await connect()
      await a.end()
      await a.end()
      await expect(a.write(bytes(1))).rejects.toMatchObject({ code: 'IO_CLOSED' })
      expect(await readAll(b)).toEqual(new Uint8Array())
    })

    it('takes an empty write and delivers nothing for it', async () => {
      const [a, b] = await connect()
      await a.write(new Uint8Array())
      await a.write(bytes(2))
      await a.end()
      expect(await collect(b)).not.toContainEqual(new Uint8Array())
    })

    it('rejects a pending read and pending writes with the reason of an abort, and tells it in closed', async () => {
      const [a] = await connect()
      const reason = new Error('enough')
      const read = a[Symbol.asyncIterator]().next()
      const writes = Array.from({ length: 100 }, () => a.write(new Uint8Array(256 * 1024)))
      const settled = Promise.allSettled([read, ...writes])
      a.abort(reason)
      a.abort(new Error('too late'))
      const results = await settled
      expect(results[0]).toEqual({ status: 'rejected', reason })
      expect(results.at(-1)).toEqual({ status: 'rejected', reason })
      expect(await a.closed).toBe(reason)
      await expect(a.write(bytes(1))).rejects.toBe(reason)
      await expect(a.end()).rejects.toBe(reason)
    })

    it('shows an abort to the other side as a broken stream, not as its end', async () => {
      const [a, b] = await connect()
      await a.write(bytes(10))
      const iterator = b[Symbol.asyncIterator]()
      expect(await iterator.next()).toEqual({ done: false, value: bytes(10) })
      a.abort()
      await expect(iterator.next()).rejects.toMatchObject({ code: 'IO_BROKEN' })
      expect(await b.closed).toMatchObject({ code: 'IO_BROKEN' })
      await expect(b.write(bytes(1))).rejects.toMatchObject({ code: 'IO_BROKEN' })
      expect(await a.closed).toMatchObject({ code: 'IO_CLOSED' })
    })

    it('does nothing when a closed stream is aborted', async () => {
      const [a, b] = await connect()
      await Promise.all([a.end(), b.end(), readAll(a), readAll(b)])
      await a.closed
      a.abort(new Error('late'))
      expect(await a.closed).toBeUndefined()
    })

    it('is iterated once', async () => {
      const [a] = await connect()
      a[Symbol.asyncIterator]()
      expect(() => a[Symbol.asyncIterator]()).toThrow(TypeError)
    })

    it('stays open for writing when its reader leaves early', async () => {
      const [a, b] = await connect()
      await a.write(bytes(10))
      for await (const _ of b) break
      await b.write(bytes(4))
      await b.end()
      expect(await readAll(a)).toEqual(bytes(4))
    })

    it('closes when its reader has left and it has ended, whatever else the other side sends', async () => {
      const [a, b] = await connect()
      await a.write(bytes(10))
      for await (const _ of b) break
      await b.end()
      for (let count = 0; count < 20; count++) await a.write(new Uint8Array(256 * 1024))
      await a.end()
      expect(await readAll(a)).toEqual(new Uint8Array())
      expect(await Promise.all([a.closed, b.closed])).toEqual([undefined, undefined])
    })

    it('refuses a dial to a port on which nobody listens', async () => {
      const machine = create()
      const listener = await listen(machine)
      await listener.close()
      await expect(machine.dial(listener.local)).rejects.toMatchObject({ name: 'IoError', code: 'IO_REFUSED' })
    })

    it('rejects a dial with the reason of a signal', async () => {
      const machine = create()
      const listener = await listen(machine)
      const reason = new Error('changed my mind')
      await expect(machine.dial(listener.local, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    it('refuses to listen twice on one port', async () => {
      const machine = create()
      const listener = await listen(machine)
      await expect(machine.listen(listener.local)).rejects.toMatchObject({ code: 'IO_ADDRESS_IN_USE' })
    })

    it('ends the iteration of a closed listener and leaves accepted streams alive', async () => {
      const machine = create()
      const listener = await listen(machine)
      const dialled = await machine.dial(listener.local)
      const iterator = listener[Symbol.asyncIterator]()
      const { value: accepted } = await iterator.next()
      const next = iterator.next()
      await listener.close()
      await listener.close()
      expect(await next).toEqual({ done: true, value: undefined })
      opened.push(dialled, accepted)
      await accepted.write(bytes(7))
      await accepted.end()
      expect(await readAll(dialled)).toEqual(bytes(7))
    })

    it('accepts several streams from several loops', async () => {
      const machine = create()
      const listener = await listen(machine)
      for (let count = 0; count < 3; count++) {
        const dialled = await machine.dial(listener.local)
        for await (const accepted of listener) {
          opened.push(dialled, accepted)
          expect(accepted.remote).toEqual(dialled.local)
          break
        }
      }
    })
  })
}
