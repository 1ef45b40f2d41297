import { createSocket } from 'node:dgram'
import type { BindDatagram, Datagram } from '../datagram.ts'
import { IoError } from '../errors.ts'
import { createAsyncQueue } from '../queue.ts'
import { checkEndpoint, showEndpoint, toEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'

/** Packets that wait to be read; those beyond are dropped, as the network itself would. */
const maxWaiting = 1024
const maxWaitingBytes = 2 * 1024 * 1024

/**
 * What the system may hold while this thread is busy, if it lets us have so much: at its own measure, some 200 KB, a flood
 * pushes honest packets out in a hundredth of a second.
 */
const systemBufferBytes = 2 * 1024 * 1024

/** Binds a UDP socket. `::` takes IPv4 as well, whose addresses then appear as IPv4. */
export const bindDatagram: BindDatagram = async (endpoint) => {
  const family = checkEndpoint(endpoint)
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', recvBufferSize: systemBufferBytes })
  let taker: ((datagram: Datagram) => void) | undefined
  let waitingBytes = 0
  // bounded: maxWaiting packets of maxWaitingBytes together
  const waiting = createAsyncQueue<Datagram>({
    maxItems: maxWaiting,
    onTake: ({ bytes }) => {
      waitingBytes -= bytes.length
    },
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(toIoError(error, `cannot bind ${showEndpoint(endpoint)}`))
    })
    socket.bind({ address: endpoint.ip, port: endpoint.port, exclusive: true }, resolve)
  })
  socket.removeAllListeners('error')
  // An unreachable receiver of an earlier packet shows here; it says nothing about the socket.
  socket.on('error', () => undefined)
  socket.on('message', (data, from) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length)
    // Of IPv4 there is no other way to write an address.
    const sender = family === 4 ? { ip: from.address, port: from.port } : toEndpoint(from.address, from.port)
    const datagram = { bytes, from: sender }
    if (taker !== undefined) {
      taker(datagram)
      return
    }
    if (waitingBytes + data.length > maxWaitingBytes) return
    waitingBytes += data.length
    if (!waiting.push(datagram)) waitingBytes -= data.length
  })
  const { address, port } = socket.address()

  let closing: Promise<void> | undefined
  return {
    local: toEndpoint(address, port),
    onPacket(take) {
      taker = take
      for (const datagram of waiting.clear()) take(datagram)
      waitingBytes = 0
    },
    async send(bytes, to) {
      const toFamily = checkEndpoint(to)
      if (closing !== undefined) throw new IoError('IO_CLOSED', 'the socket is closed')
      const ip = family === 6 && toFamily === 4 ? `::ffff:${to.ip}` : to.ip
      await new Promise<void>((resolve, reject) => {
        socket.send(bytes, to.port, ip, (error) => {
          if (error) reject(toIoError(error, `cannot send to ${showEndpoint(to)}`))
          else resolve()
        })
      })
    },
    close() {
      closing ??= new Promise((resolve) => {
        taker = undefined
        waiting.end()
        waiting.clear()
        socket.close(resolve)
      })
      return closing
    },
    [Symbol.asyncIterator]: () => ({ next: () => waiting.next() }),
  }
}
