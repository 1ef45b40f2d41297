import { type AddressInfo, connect, createServer } from 'node:net'

/** A SOCKS5 proxy on loopback, which connects to whatever it is asked for and counts how often. */
export interface Socks5Proxy {
  readonly ip: string
  readonly port: number
  readonly connections: number
  close(): void
}

export async function startProxy(): Promise<Socks5Proxy> {
  let connections = 0
  const server = createServer((client) => {
    client.on('error', () => client.destroy())
    client.once('data', () => {
      client.write(Uint8Array.of(5, 0))
      client.once('data', (data) => {
        const request = data as Buffer
        const target = connect({ host: request.subarray(4, 8).join('.'), port: request.readUInt16BE(8) }, () => {
          connections++
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
          client.pipe(target).pipe(client)
        })
        target.on('error', () => client.destroy())
      })
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    ...{ ip: '127.0.0.1', port },
    get connections() {
      return connections
    },
    close: () => void server.close(),
  }
}
