import { createECDH } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { DISCONNECT_REASON, ETH, Peer, pk2id } from '@ethereumjs/devp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { type Ethwire, startEthwire } from '../src/ethwire-process.ts'
import { sampleChain } from '../src/paths.ts'
import { until } from '../src/until.ts'

type PeerOptions = ConstructorParameters<typeof Peer>[0]

/** Their RLPx says nothing of peers that part before they have a protocol in common; the peer itself knows. */
interface Parted {
  readonly _socket: Socket
  readonly _disconnectReason: unknown
}

const ecdh = createECDH('secp256k1')
ecdh.generateKeys()
const privateKey = Buffer.alloc(32)
ecdh.getPrivateKey().copy(privateKey, 32 - ecdh.getPrivateKey().length)
const id = pk2id(ecdh.getPublicKey())
// bounded: one for each connection of a test
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

function createPeer(socket: Socket, remoteId: Uint8Array | null): Peer {
  sockets.push(socket)
  const options = {
    ...{ socket, remoteId, privateKey, id },
    ...{ timeout: 10_000, clientId: Buffer.from('ethereumjs-devp2p'), capabilities: [ETH.eth68], port: 30303 },
    // It takes its cryptography from here, or has its own where there is nothing.
    common: { customCrypto: {} },
  }
  const peer = new Peer(options as unknown as PeerOptions)
  peer.events.on('error', () => undefined)
  return peer
}

async function expectParting(peer: Peer, node: Ethwire): Promise<void> {
  const parted = peer as unknown as Parted
  await until('it parts from us', async () => parted._socket.closed, { timeoutMs: 15_000 })
  const hello = peer.getHelloMessage()
  expect(hello?.clientId).toMatch(/^ethwire\//i)
  expect(hello?.capabilities).toEqual([69, 70].map((version) => ({ name: 'eth', version })))
  expect(parted._disconnectReason).toBe(DISCONNECT_REASON.USELESS_PEER)
  await until('our log has the reason', async () => /useless peer/i.test(node.logs()), { timeoutMs: 15_000 })
  expect(await node.rpc('admin_peers')).toEqual([])
}

describe('@ethereumjs/devp2p, which has eth/68 only', () => {
  const { genesis, networkId } = sampleChain
  const args = ['--verbosity', '4']

  test('dials us, reads our hello, and both part with reason 3', async () => {
    await using node = await startEthwire({ genesis, networkId, args })
    const socket = connect(node.p2pPort, '127.0.0.1')
    await once(socket, 'connect')
    await expectParting(createPeer(socket, Buffer.from(new URL(node.enode).username, 'hex')), node)
    await node.stop()
  }, 60_000)

  test('is dialled by us, reads our hello, and both part with reason 3', async () => {
    const dialled = Promise.withResolvers<Peer>()
    const server = createServer((socket) => dialled.resolve(createPeer(socket, null)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port')
    const enode = `enode://${Buffer.from(id).toString('hex')}@127.0.0.1:${address.port}`
    await using node = await startEthwire({ genesis, networkId, staticnodes: [enode], args })
    await expectParting(await dialled.promise, node)
    server.close()
    await node.stop()
  }, 60_000)
})
