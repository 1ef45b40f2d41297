import { once } from 'node:events'
import { createServer, type Socket, connect as tcpConnect } from 'node:net'

/** A TCP proxy on loopback that forwards so many bytes from the other side, and then nothing more either way. */
export interface StallingProxy extends Disposable {
  readonly port: number
  stalled(): boolean
}

export async function startStallingProxy(targetPort: number, bytesUntilStall: number): Promise<StallingProxy> {
  const sockets = new Set<Socket>() // bounded: two for each connection of a test
  let left = bytesUntilStall
  const server = createServer((client) => {
    const target = tcpConnect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
    client.on('data', (chunk) => void (left > 0 && target.write(chunk)))
    target.on('data', (chunk) => {
      if (left > 0) client.write(chunk)
      left -= chunk.length
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port')
  return {
    port: address.port,
    stalled: () => left <= 0,
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
