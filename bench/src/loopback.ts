import type { Crypto } from '@ethwire/crypto'
import { createInitiator, createRecipient, type HandshakeDone, type Recipient } from '@ethwire/ecies'
import type { ByteStream, Listener } from '@ethwire/io'
import { dialTcp, listenTcp, nodeRandom } from '@ethwire/io/node'
import type { Contender } from './measure.ts'
import { createFramePair, type FrameOptions } from './ours.ts'

/** Connections that shake hands at a time; all of them in this thread. */
const connections = 8

/** Frames that are handed to the socket before its taking the first is waited for. */
const framesAhead = 32

/** Handshakes over TCP on loopback, both sides in this thread, connecting included. */
export function tcpHandshakes(crypto: Crypto): Contender {
  const [ourKey, theirKey] = [nodeRandom.bytes(32), nodeRandom.bytes(32)]
  const remotePublicKey = crypto.publicKey(theirKey)
  return {
    async rate(durationMs) {
      const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
      const start = performance.now()
      let count = 0
      const worker = async (): Promise<void> => {
        while (performance.now() - start < durationMs) {
          const [a, b] = await pair(listener)
          const initiator = createInitiator({ privateKey: ourKey, remotePublicKey, crypto, random: nodeRandom })
          const recipient = createRecipient({ privateKey: theirKey, crypto, random: nodeRandom })
          const dialled = shake(b, recipient)
          await a.write(initiator.start())
          await Promise.all([shake(a, initiator), dialled])
          // A reset on both sides: thousands of connections a second would use up the ports.
          a.abort()
          b.abort()
          count++
        }
      }
      await Promise.all(Array.from({ length: connections }, worker))
      const elapsedMs = performance.now() - start
      await listener.close()
      return (count * 1000) / elapsedMs
    },
  }
}

/** Frames over TCP on loopback, writer and reader in this thread. */
export function tcpFrames(options: FrameOptions): Contender {
  const { code, payload } = options
  return {
    async rate(durationMs) {
      const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
      const [a, b] = await pair(listener)
      const { encoder, decoder } = createFramePair(options)
      const start = performance.now()
      const write = async (): Promise<void> => {
        // bounded: framesAhead
        const ahead: Promise<void>[] = []
        while (performance.now() - start < durationMs) {
          ahead.push(a.write(encoder.encode(code, payload)))
          if (ahead.length === framesAhead) await ahead.shift()
        }
        await Promise.all(ahead)
        await a.end()
      }
      const read = async (): Promise<number> => {
        let count = 0
        for await (const chunk of b) {
          decoder.push(chunk)
          for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
            if (message.kind !== 'message' || message.code !== code)
              throw new Error('another message came than was sent')
            count++
          }
        }
        return count
      }
      const [count] = await Promise.all([read(), write()])
      const elapsedMs = performance.now() - start
      a.abort()
      b.abort()
      await listener.close()
      return (count * 1000) / elapsedMs
    },
  }
}

async function pair(listener: Listener): Promise<[ByteStream, ByteStream]> {
  const dialling = dialTcp(listener.local)
  const { value, done } = await listener[Symbol.asyncIterator]().next()
  if (done) throw new Error('the listener was closed')
  return [await dialling, value]
}

async function shake(stream: ByteStream, side: Recipient): Promise<HandshakeDone> {
  for await (const chunk of stream) {
    const step = side.push(chunk)
    if (step.send !== undefined) await stream.write(step.send)
    if (step.state === 'done') return step
  }
  throw new Error('the connection ended in the handshake')
}
