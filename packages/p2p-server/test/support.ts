import { pureCrypto } from '@ethwire/crypto'
import { type ByteStream, noMetrics } from '@ethwire/io'
import {
  type DefinedProtocol,
  defineProtocol,
  type MessageDefinitions,
  type RequestDefinition,
  request,
} from '@ethwire/protocol'
import { type Schema, u64 } from '@ethwire/rlp-codec'
import {
  createMemoryDatagramNetwork,
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryDatagramNetwork,
  type MemoryNetwork,
  type VirtualClock,
} from '@ethwire/testing'
import { afterEach } from 'vitest'
import { type SetUpConnection, setUpConnection } from '../src/connection-setup.ts'
import type { Hello } from '../src/hello.ts'
import {
  createP2pServer,
  type P2pServer,
  type P2pServerEvents,
  type P2pServerOptions,
  runHandshake,
} from '../src/index.ts'

interface EchoMessages extends MessageDefinitions {
  readonly echo: RequestDefinition<{ readonly n: Schema<bigint> }, { readonly n: Schema<bigint> }>
}

/** A protocol of one request, which most tests speak. */
export const echo: DefinedProtocol<EchoMessages, Record<never, never>> = defineProtocol({
  name: 'echo',
  version: 1,
  messages: { echo: request({ n: u64 }, { n: u64 }) },
  limits: { maxMessageBytes: 1024 },
})

const key = (n: number): Uint8Array => pureCrypto.keccak256(Uint8Array.of(n))

/** Servers on a network in memory, in virtual time. Node n is at 10.0.0.n, if the world has no other addresses. */
export interface World {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly datagrams: MemoryDatagramNetwork
  start(n: number, options?: Partial<P2pServerOptions>): Promise<P2pServer>
  /** A peer of which the test itself speaks every message. */
  raw(
    n: number,
    server: P2pServer,
    options?: { hello?: Partial<Hello>; onDial?: (stream: ByteStream) => void },
  ): Promise<SetUpConnection>
}

const running: { server: P2pServer; clock: VirtualClock }[] = []

afterEach(async () => {
  for (const { server, clock } of running.splice(0)) await clock.runUntil(server.close())
})

export function createWorld(options: { bufferBytes?: number; ipOf?: (n: number) => string } = {}): World {
  const { ipOf = (n) => `10.0.0.${n}`, ...streams } = options
  const clock = createVirtualClock()
  const network = createMemoryNetwork(streams)
  const datagrams = createMemoryDatagramNetwork({ clock })
  return {
    clock,
    network,
    datagrams,
    async start(n, serverOptions = {}) {
      const host = network.host(ipOf(n))
      const server = await createP2pServer({
        privateKey: key(n),
        clientId: `test/${n}`,
        listen: { port: 30303 },
        protocols: [echo.run((peer) => peer.on('echo', (value) => value))],
        clock,
        random: createSeededRandom(n),
        dial: host.dial,
        bind: host.listen,
        bindDatagram: datagrams.host(host.ip).bind,
        ...serverOptions,
      })
      running.push({ server, clock })
      return server
    },
    async raw(n, server, { hello = {}, onDial } = {}) {
      const { host, tcpPort } = server.localNode.address
      if (host === undefined) throw new Error('the server has no address')
      const stream = await network.host(ipOf(n)).dial({ ip: host, port: tcpPort })
      onDial?.(stream)
      const connection = await clock.runUntil(
        setUpConnection(stream, {
          privateKey: key(n),
          remotePublicKey: server.localNode.publicKey,
          localHello: {
            protocolVersion: 5,
            clientId: `raw/${n}`,
            capabilities: [{ name: 'echo', version: 1 }],
            listenPort: 0,
            publicKey: pureCrypto.publicKey(key(n)),
            ...hello,
          },
          crypto: pureCrypto,
          random: createSeededRandom(n),
          clock,
          metrics: noMetrics,
          runHandshake,
        }),
      )
      connection.transport.startMessages({ maxMessageBytes: () => 2 ** 24 - 1, reportsOversized: () => false })
      return connection
    },
  }
}

/** The next event of a type. */
export function next<K extends keyof P2pServerEvents>(server: P2pServer, type: K): Promise<P2pServerEvents[K]> {
  return new Promise((resolve) => {
    const stop = server.on(type, (event) => {
      stop()
      resolve(event)
    })
  })
}

/** All events of a type, from now on. */
export function collect<K extends keyof P2pServerEvents>(server: P2pServer, type: K): P2pServerEvents[K][] {
  const events: P2pServerEvents[K][] = []
  server.on(type, (event) => events.push(event))
  return events
}
