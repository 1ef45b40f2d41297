import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { type Clock, type Dial, noMetrics, type Random, type Resolver } from '@ethwire/io'
import { dialTcp, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { type Capability, DisconnectReason, formatCapability } from '@ethwire/protocol'
import { setUpConnection } from './connection-setup.ts'
import { runHandshake } from './crypto-handshake.ts'
import { dialNode } from './dialing.ts'
import { P2pError } from './errors.ts'
import { BASE_PROTOCOL_VERSION } from './hello.ts'
import { readNode } from './node-input.ts'
import type { NodeInput } from './options.ts'

/** Options of `dialHello`. */
export interface DialHelloOptions {
  readonly signal?: AbortSignal
  /** The key to be known by; a new one by default. */
  readonly privateKey?: Uint8Array
  readonly clientId?: string
  /** What to offer, for nodes that refuse who offers nothing. */
  readonly capabilities?: readonly Capability[]
  /** Default `pureCrypto`, also where it is undefined, as `nativeCrypto` is on a machine that does not have it. */
  readonly crypto?: Crypto | undefined
  readonly clock?: Clock
  readonly random?: Random
  readonly dial?: Dial
  readonly resolver?: Resolver
}

/** What a node says of itself. */
export interface DialHelloResult {
  readonly hello: {
    readonly protocolVersion: number
    readonly clientId: string
    /** `eth/69` */
    readonly capabilities: readonly string[]
    readonly listenPort: number
  }
  /** 64 bytes, proved by the handshake. */
  readonly remotePublicKey: Uint8Array
  /** From the open connection to the node's hello. */
  readonly latencyMs: number
}

/**
 * Asks a node who it is: connects, exchanges hello, parts.
 *
 * @throws P2pError `P2P_DISCONNECTED` with the node's `reason` when it refuses (too many peers means: alive);
 * `P2P_AUTH_UNANSWERED` when it has another key, as far as can be told
 *
 * @example
 * import { randomBytes } from 'node:crypto'
 * import { createP2pServer, dialHello } from '@ethwire/p2p-server'
 *
 * const listen = { host: '127.0.0.1', port: 0 }
 * const server = await createP2pServer({ privateKey: randomBytes(32), clientId: 'me/1.0', listen, protocols: [] })
 * const { hello, latencyMs } = await dialHello(server.localNode.enode, { signal: AbortSignal.timeout(5000) })
 * console.log(hello.clientId, hello.capabilities, latencyMs)
 * await server.close()
 */
export async function dialHello(node: NodeInput, options: DialHelloOptions = {}): Promise<DialHelloResult> {
  const {
    crypto = pureCrypto,
    clock = nodeClock,
    random = nodeRandom,
    dial = dialTcp,
    resolver = nodeResolver,
    signal,
  } = options
  const address = readNode(node, crypto)
  const remotePublicKey = address.publicKey
  const privateKey = options.privateKey ?? newPrivateKey(crypto, random)
  const stream = await dialNode(address, { dial, resolver, clock }, signal)
  const startMs = clock.monotonicMs()
  const { transport, hello } = await setUpConnection(stream, {
    privateKey,
    remotePublicKey,
    localHello: {
      protocolVersion: BASE_PROTOCOL_VERSION,
      clientId: options.clientId ?? 'ethwire',
      capabilities: options.capabilities ?? [],
      listenPort: 0,
      publicKey: crypto.publicKey(privateKey),
    },
    crypto,
    random,
    clock,
    metrics: noMetrics,
    runHandshake,
    signal,
  })
  const latencyMs = clock.monotonicMs() - startMs
  await transport.disconnect(
    DisconnectReason.Requested,
    new P2pError('P2P_REQUESTED', 'hello was all that was asked', { reason: DisconnectReason.Requested }),
  )
  return {
    hello: {
      protocolVersion: hello.protocolVersion,
      clientId: hello.clientId,
      capabilities: hello.capabilities.map(formatCapability),
      listenPort: hello.listenPort,
    },
    remotePublicKey,
    latencyMs,
  }
}

function newPrivateKey(crypto: Crypto, random: Random): Uint8Array {
  for (;;) {
    const key = random.bytes(32)
    if (crypto.isPrivateKey(key)) return key
  }
}
