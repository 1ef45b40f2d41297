import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { createInitiator, type HandshakeDone } from '@ethwire/ecies'
import { formatEnode, formatNodeId, nodeIdFromPublicKey, parseEnode } from '@ethwire/enr'
import { nodeRandom } from '@ethwire/io/node'
import { EncodedItem, encodeUint, writeItem } from '@ethwire/rlp-codec'
import { createFrameDecoder, createFrameEncoder, maxFrameBytes, pureSnappy } from '@ethwire/rlpx-frame'

const crypto: Crypto = nativeCrypto ?? pureCrypto

/** How a raw peer introduces itself. */
export interface RawPeerOptions {
  /** 32 bytes; random by default. */
  readonly privateKey?: Uint8Array
  /** The address of loopback that it connects from. */
  readonly from?: string
  /** What its hello offers, eth/70 by default. */
  readonly capabilities?: readonly (readonly [name: string, version: number])[]
  /** The key that its hello names, 64 bytes; its own by default. */
  readonly claimedKey?: Uint8Array
  /** Whether it says hello; it does by default. */
  readonly saysHello?: boolean
}

/** A message of the wire: its payload is compressed once both hellos were exchanged. */
interface RawMessage {
  readonly code: number
  readonly payload: Uint8Array
}

/** A connection over RLPx whose every message its owner decides, and sees as it came. */
export interface RawPeer extends Disposable {
  /** Its node ID, as `admin_peers` writes it. */
  readonly id: string
  /** With a port at which nobody listens: to speak of it. */
  readonly enode: string
  /** Sends a message; it is compressed once a hello has come. */
  send(code: number, payload: Uint8Array): void
  /** The next message with this code; those before it are passed over. Rejects when the connection is over. */
  receive(code: number): Promise<RawMessage>
  /** Sends back the Status of eth that comes, as it is unless it is changed: nobody has anything against his own. */
  exchangeStatus(change?: (status: Uint8Array) => Uint8Array): Promise<void>
  /** Resolves when the connection is over: to the payload of the Disconnect that came before, if one did. */
  readonly ended: Promise<Uint8Array | undefined>
  close(): void
}

/** Codes on the wire where eth is the only protocol that both have. */
const ethStatus = 0x10
export const ethGetBlockHeaders = 0x13

const helloCode = 0x00
const disconnectCode = 0x01

/**
 * Connects to a node, shakes hands and says hello; whether the node does, too, is for its owner to see. The packages are
 * ours, and what they send and show are bytes: they judge nothing.
 */
export async function connectRawPeer(enode: string, options: RawPeerOptions = {}): Promise<RawPeer> {
  const { privateKey = new Uint8Array(randomBytes(32)), from = '127.0.0.1' } = options
  const { capabilities = [['eth', 70]], claimedKey, saysHello = true } = options
  const publicKey = crypto.publicKey(privateKey)
  const socket = await openSocket(enode, from)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const { secrets, rest } = await shakeHands(socket, enode, privateKey)

  const encoder = createFrameEncoder({ secrets, crypto })
  // What comes stays as it is: a node may fail before it compresses, and its last word is what is looked at.
  const decoder = createFrameDecoder({ secrets, crypto, maxFrameBytes })
  const waiting: { code: number; resolve: (message: RawMessage) => void }[] = [] // bounded: the test's own calls
  const received: RawMessage[] = [] // bounded: by what a node sends within a test
  let disconnect: Uint8Array | undefined
  const take = (): void => {
    for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
      if (message.kind !== 'message') continue
      const { code, payload } = message
      if (code === helloCode) encoder.enableSnappy()
      if (code === disconnectCode) disconnect = payload
      const reader = waiting.findIndex((wanted) => wanted.code === code)
      if (reader === -1) received.push({ code, payload })
      else waiting.splice(reader, 1)[0]?.resolve({ code, payload })
    }
  }
  const onData = (bytes: Uint8Array): void => {
    decoder.push(bytes)
    take()
  }

  const ended = closed.then(() => disconnect)
  const peer: RawPeer = {
    id: formatNodeId(nodeIdFromPublicKey(publicKey)),
    enode: formatEnode({ publicKey, host: from, tcpPort: 30303, udpPort: 30303 }),
    send: (code, payload) => void socket.write(encoder.encode(code, payload)),
    receive(code) {
      const known = received.findIndex((message) => message.code === code)
      if (known !== -1) return Promise.resolve(received.splice(known, 1)[0] as RawMessage)
      return new Promise((resolve, reject) => {
        waiting.push({ code, resolve })
        void ended.then((reason) => {
          const said = reason === undefined ? 'without a word' : `saying ${Buffer.from(reason).toString('hex')}`
          reject(new Error(`the node closed the connection ${said}, before it sent message ${code}`))
        })
      })
    },
    async exchangeStatus(change = (status) => status) {
      const { payload } = await peer.receive(ethStatus)
      peer.send(ethStatus, change(pureSnappy.uncompress(payload, maxFrameBytes)))
    },
    ended,
    close: () => void socket.destroy(),
    [Symbol.dispose]: () => void socket.destroy(),
  }
  if (saysHello) peer.send(helloCode, helloPayload(capabilities, claimedKey ?? publicKey))
  socket.on('data', onData)
  onData(rest)
  return peer
}

function openSocket(enode: string, from: string): Promise<Socket> {
  const { host = '127.0.0.1', tcpPort } = parseEnode(enode)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: tcpPort, localAddress: from, noDelay: true })
    socket.once('connect', () => resolve(socket))
    // Once it is connected, whatever happens ends it, and that is heard.
    socket.on('error', reject)
  })
}

function shakeHands(socket: Socket, enode: string, privateKey: Uint8Array): Promise<HandshakeDone> {
  const remotePublicKey = parseEnode(enode).publicKey
  const initiator = createInitiator({ privateKey, remotePublicKey, crypto, random: nodeRandom })
  return new Promise((resolve, reject) => {
    const onData = (bytes: Uint8Array): void => {
      const step = initiator.push(bytes)
      if (step.state !== 'done') return
      socket.off('data', onData)
      resolve(step)
    }
    socket.on('data', onData)
    socket.once('close', () => reject(new Error('the node closed the connection in the handshake')))
    socket.write(initiator.start())
  })
}

function helloPayload(capabilities: readonly (readonly [string, number])[], key: Uint8Array): Uint8Array {
  const text = new TextEncoder()
  const caps = capabilities.map(([name, version]) => [text.encode(name), uint(version)])
  return writeItem([uint(5), text.encode('raw/1.0'), caps, uint(0), key])
}

const uint = (value: number): EncodedItem => new EncodedItem(encodeUint(value))
