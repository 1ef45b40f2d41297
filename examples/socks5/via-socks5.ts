import { type ByteStream, type Dial, IoError } from '@ethwire/io'
import { dialTcp } from '@ethwire/io/node'

/** Dials through a SOCKS5 proxy (RFC 1928), by IPv4 addresses and without a password. */
export function viaSocks5(proxy: { readonly ip: string; readonly port: number }): Dial {
  return async (endpoint, options) => {
    const stream = await dialTcp(proxy, options)
    const reader = stream[Symbol.asyncIterator]()
    const answers = async (length: number): Promise<Uint8Array> => {
      let answer = new Uint8Array(0)
      while (answer.length < length) {
        const { value, done } = await reader.next()
        if (done) throw new IoError('IO_REFUSED', 'the proxy has closed the connection')
        answer = Uint8Array.of(...answer, ...value)
      }
      return answer
    }
    await stream.write(Uint8Array.of(5, 1, 0))
    await answers(2)
    const { ip, port } = endpoint
    await stream.write(Uint8Array.of(5, 1, 0, 1, ...ip.split('.').map(Number), port >> 8, port & 255))
    const [, status] = await answers(10)
    if (status !== 0) throw new IoError('IO_REFUSED', `the proxy cannot connect: ${status}`)
    const { local, closed } = stream
    const through: ByteStream = {
      ...{ local, closed, remote: endpoint },
      write: (bytes) => stream.write(bytes),
      end: () => stream.end(),
      abort: (reason) => stream.abort(reason),
      [Symbol.asyncIterator]: () => reader,
    }
    return through
  }
}
