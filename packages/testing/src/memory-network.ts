import {
  type AsyncQueue,
  type ByteStream,
  createAsyncQueue,
  type Dial,
  IoError,
  type Listen,
  type SocketEndpoint,
} from '@ethwire/io'
import { createStreamPair, type MemoryStreamOptions } from './memory-stream.ts'

/** Streams that wait to be accepted; a dial beyond is refused. */
const maxWaiting = 128
const firstEphemeralPort = 49152

/** One machine of a {@link MemoryNetwork}. */
export interface MemoryHost {
  readonly ip: string
  readonly dial: Dial
  /** `0.0.0.0` and `::` stand for the host's own address. */
  readonly listen: Listen
}

/** A network of hosts in memory; `dial` and `listen` are those of `127.0.0.1`. */
export interface MemoryNetwork extends MemoryHost {
  host(ip: string): MemoryHost
}

/** Makes a network without sockets: a dial reaches the listener at that address at once, or is refused. */
export function createMemoryNetwork(options: MemoryStreamOptions = {}): MemoryNetwork {
  // bounded: the listeners of one test
  const listeners = new Map<string, AsyncQueue<ByteStream>>()
  let nextPort = firstEphemeralPort

  const key = ({ ip, port }: SocketEndpoint): string => `${ip} ${port}`
  const takePort = (): number => {
    const port = nextPort
    nextPort = nextPort === 65535 ? firstEphemeralPort : nextPort + 1
    return port
  }
  const freePort = (ip: string): number => {
    for (let tries = 0; tries <= 65535 - firstEphemeralPort; tries++) {
      const port = takePort()
      if (!listeners.has(key({ ip, port }))) return port
    }
    throw new IoError('IO_LIMIT', `no port is free on ${ip}`)
  }

  const host = (ip: string): MemoryHost => ({
    ip,
    dial: async (endpoint, { signal } = {}) => {
      signal?.throwIfAborted()
      const pair = createStreamPair({
        ...options,
        endpoints: { first: { ip, port: takePort() }, second: endpoint },
      })
      if (listeners.get(key(endpoint))?.push(pair.second) !== true) {
        throw new IoError('IO_REFUSED', `nobody listens on ${endpoint.ip} port ${endpoint.port}`)
      }
      return pair.first
    },
    listen: async (endpoint) => {
      const boundIp = endpoint.ip === '0.0.0.0' || endpoint.ip === '::' ? ip : endpoint.ip
      const local = { ip: boundIp, port: endpoint.port === 0 ? freePort(boundIp) : endpoint.port }
      if (listeners.has(key(local))) throw new IoError('IO_ADDRESS_IN_USE', `port ${local.port} is in use`)
      // bounded: maxWaiting
      const waiting = createAsyncQueue<ByteStream>({ maxItems: maxWaiting })
      listeners.set(key(local), waiting)
      let isClosed = false
      return {
        local,
        close: async () => {
          if (isClosed) return
          isClosed = true
          listeners.delete(key(local))
          waiting.end()
          for (const stream of waiting.clear()) stream.abort()
        },
        [Symbol.asyncIterator]: () => ({ next: () => waiting.next() }),
      }
    },
  })
  return { ...host('127.0.0.1'), host }
}
