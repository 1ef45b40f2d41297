import { ECIES, genPrivateKey } from '@ethereumjs/devp2p'
import { pureCrypto } from '@ethwire/crypto'
import { compress, uncompress } from 'snappyjs'

/** @ethereumjs/devp2p, as the lines call it. */
export const ethereumjsName = '@ethereumjs/devp2p 10.0.0'

// Its Peer sets these two as bytes come from a socket. Without socket and Peer its figures are the best it can have.
class Session extends ECIES {
  readAuth(auth: Uint8Array): void {
    this._gotEIP8Auth = true
    this.parseAuthEIP8(auth)
  }

  readAck(ack: Uint8Array): void {
    this._gotEIP8Ack = true
    this.parseAckEIP8(ack)
  }
}

/** Makes pairs of sessions that have just shaken hands. */
export function createEthereumjsHandshake(): () => { writer: ECIES; reader: ECIES } {
  const [ourKey, theirKey] = [genPrivateKey(), genPrivateKey()]
  const [ourId, theirId] = [pureCrypto.publicKey(ourKey), pureCrypto.publicKey(theirKey)]
  return () => {
    const writer = new Session(ourKey, ourId, theirId)
    // The type does not say so, but null is how it knows that it was dialled.
    const reader = new Session(theirKey, theirId, null as unknown as Uint8Array)
    reader.readAuth(made(writer.createAuthEIP8()))
    writer.readAck(made(reader.createAckEIP8()))
    return { writer, reader }
  }
}

/** Writes and reads one frame after the other, as its Peer does. The code is a single byte there. */
export function createEthereumjsFrames(options: { code: number; payload: Uint8Array; snappy: boolean }): () => void {
  const { code, payload, snappy } = options
  const { writer, reader } = createEthereumjsHandshake()()
  return () => {
    const data = snappy ? compress(payload) : payload
    const message = new Uint8Array(1 + data.length)
    message[0] = code
    message.set(data, 1)
    const header = made(writer.createBlockHeader(message.length))
    const body = made(writer.createBody(message))
    reader.parseHeader(header)
    const read = made(reader.parseBody(body))
    const plain = snappy ? uncompress(read.subarray(1)) : read.subarray(1)
    if (read[0] !== code || plain.length !== payload.length) throw new Error('another message came than was sent')
  }
}

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('@ethereumjs/devp2p made nothing')
  return value
}
