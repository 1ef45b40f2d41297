import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { createInitiator, type HandshakeDone } from '@ethwire/ecies'
import { parseEnode } from '@ethwire/enr'
import { nodeRandom } from '@ethwire/io/node'
import { EncodedItem, encodeUint, writeItem } from '@ethwire/rlp-codec'
import { createFrameDecoder, createFrameEncoder, maxFrameBytes, pureSnappy } from '@ethwire/rlpx-frame'

const crypto: Crypto = nativeCrypto ?? pureCrypto

type EthCode =
  | 'status'
  | 'transactions'
  | 'getBlockHeaders'
  | 'blockHeaders'
  | 'getBlockBodies'
  | 'blockBodies'
  | 'newPooledTransactionHashes'
  | 'getReceipts'
  | 'receipts'
  | 'blockRangeUpdate'

/** Codes on the wire: eth begins at 16 where it is the only protocol that both have. */
export const ethCode: Readonly<Record<EthCode, number>> = {
  status: 0x10,
  transactions: 0x12,
  getBlockHeaders: 0x13,
  blockHeaders: 0x14,
  getBlockBodies: 0x15,
  blockBodies: 0x16,
  newPooledTransactionHashes: 0x18,
  getReceipts: 0x1f,
  receipts: 0x20,
  blockRangeUpdate: 0x21,
}

/** A node to be attacked. */
export interface Target {
  readonly enode: string
}

/** Who connects, and how far it behaves. */
export interface RawPeerOptions {
  /** One of 127.0.0.0/8. */
  readonly from: string
  /** 69 or 70, the default. */
  readonly version?: number
  /** Bytes for the client's name in hello. */
  readonly name?: Uint8Array
  /** Where to stop: after the crypto handshake, after hello, after Status; the last by default. */
  readonly until?: 'handshake' | 'hello' | 'status'
}

/** A connection whose every byte its owner decides. */
export interface RawPeer {
  readonly socket: Socket
  /** A message, framed, encrypted and not yet sent. */
  frame(code: number, payload: Uint8Array): Uint8Array
  /** A frame around a payload that is already compressed, or pretends to be. */
  rawFrame(code: number, compressed: Uint8Array): Uint8Array
  send(code: number, payload: Uint8Array): boolean
  /** Resolves once the system took what was written. */
  drained(): Promise<void>
  /** Stops reading for good. */
  stopReading(): void
  /** Messages and bytes that came since Status. */
  readonly received: { messages: number; bytes: number }
  /** The reason of a Disconnect that came, if one did. */
  readonly reason: () => number | undefined
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>
  close(): void
}

/** Opens a TCP connection from an address; rejects when it can't. */
export function openSocket({ enode }: Target, from: string): Promise<Socket> {
  const { host = '127.0.0.1', tcpPort } = parseEnode(enode)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: tcpPort, localAddress: from, noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Shakes hands, exchanges hello and Status (that of the node itself, sent back), and leaves the rest to its owner. */
export async function connectRaw(target: Target, options: RawPeerOptions): Promise<RawPeer> {
  const { from, version = 70, name = new TextEncoder().encode('Geth/v1.17.8'), until = 'status' } = options
  const socket = await openSocket(target, from)
  const privateKey = randomBytes(32)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  try {
    const { secrets, rest } = await shake(socket, target, privateKey)
    let raw: Uint8Array | undefined
    // What is compressed already goes through untouched: that is how a frame can declare what it does not hold.
    const encoder = createFrameEncoder({
      secrets,
      crypto,
      snappy: { compress: (bytes) => raw ?? pureSnappy.compress(bytes), uncompress: pureSnappy.uncompress },
    })
    const decoder = createFrameDecoder({ secrets, crypto, maxFrameBytes })
    const received = { messages: 0, bytes: 0 }
    let reason: number | undefined
    // bounded: hello and Status
    const waiting = new Set<(code: number, payload: Uint8Array) => void>()
    const frame = (code: number, payload: Uint8Array): Uint8Array => {
      raw = undefined
      return encoder.encode(code, payload)
    }
    const peer: RawPeer = {
      ...{ socket, frame, received, closed },
      rawFrame(code, compressed) {
        raw = compressed
        return encoder.encode(code, new Uint8Array())
      },
      send: (code, payload) => socket.write(frame(code, payload)),
      drained: () =>
        new Promise((resolve) => {
          if (!socket.writableNeedDrain) return resolve()
          socket.once('drain', resolve)
          socket.once('close', () => resolve())
        }),
      stopReading() {
        socket.removeAllListeners('data')
        socket.pause()
      },
      reason: () => reason,
      close: () => socket.destroy(),
    }
    const push = (bytes: Uint8Array): void => {
      decoder.push(bytes)
      try {
        for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
          if (message.kind !== 'message') continue
          const { code, payload } = message
          if (code === 0x00) {
            // At once: what follows is compressed, also in this very chunk.
            encoder.enableSnappy()
            decoder.enableSnappy()
          }
          if (code === 0x01) reason = payload.at(-1)
          received.messages++
          received.bytes += message.wireBytes
          for (const heard of waiting) heard(code, payload)
        }
      } catch {
        socket.destroy()
      }
    }
    const next = (wanted: number): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        waiting.add((code, payload) => {
          if (code === wanted) resolve(payload)
          if (code === 0x01) reject(new Error(`the node says ${payload.at(-1)}`))
        })
        void closed.then(() => reject(new Error('the node closed the connection')))
      })
    if (until !== 'handshake') {
      const hello = next(0x00)
      const status = until === 'status' ? next(ethCode.status) : undefined
      // Without a hello, that is what fails.
      status?.catch(() => undefined)
      // Before the other's hello is read: this one is never compressed.
      peer.send(0x00, helloPayload(crypto.publicKey(privateKey), name, version))
      socket.on('data', push)
      push(rest)
      await hello
      if (status !== undefined) {
        peer.send(ethCode.status, await status)
        received.messages = 0
        received.bytes = 0
      }
    }
    waiting.clear()
    return peer
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Tries until it is in, as places are freed; undefined once it is too late. */
export async function connectRawUntil(
  target: Target,
  options: RawPeerOptions,
  signal: AbortSignal,
): Promise<RawPeer | undefined> {
  while (!signal.aborted) {
    try {
      return await connectRaw(target, options)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return undefined
}

/** `count` addresses of loopback, none of them that of the honest ones. */
export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `127.1.${index >> 8}.${(index & 255) + 1}`)
}

function shake(socket: Socket, { enode }: Target, privateKey: Uint8Array): Promise<HandshakeDone> {
  const remotePublicKey = parseEnode(enode).publicKey
  const initiator = createInitiator({ privateKey, remotePublicKey, crypto, random: nodeRandom })
  return new Promise((resolve, reject) => {
    const onData = (bytes: Uint8Array): void => {
      try {
        const step = initiator.push(bytes)
        if (step.state !== 'done') return
        socket.off('data', onData)
        resolve(step)
      } catch (error) {
        reject(error)
      }
    }
    socket.on('data', onData)
    socket.once('close', () => reject(new Error('the node closed the connection in the handshake')))
    socket.write(initiator.start())
  })
}

function helloPayload(publicKey: Uint8Array, name: Uint8Array, version: number): Uint8Array {
  return writeItem([uint(5), name, [[new TextEncoder().encode('eth'), uint(version)]], uint(0), publicKey])
}

/** A number as an item. */
export const uint = (value: number | bigint): EncodedItem => new EncodedItem(encodeUint(value))
