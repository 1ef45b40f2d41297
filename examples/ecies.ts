// The RLPx handshake over a stream: a recipient on loopback, and an initiator that knows its public key.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { pureCrypto } from '@ethwire/crypto'
import { createInitiator, createRecipient } from '@ethwire/ecies'

const alice = new Uint8Array(32).fill(1)
const bob = new Uint8Array(32).fill(2)

const server = createServer((socket) => {
  const handshake = createRecipient({ privateKey: bob })
  socket.on('data', (chunk: Buffer) => {
    const step = handshake.push(chunk)
    if (step.state === 'done' && step.send) socket.end(step.send)
  })
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')

const handshake = createInitiator({ privateKey: alice, remotePublicKey: pureCrypto.publicKey(bob) })
socket.write(handshake.start())
for await (const chunk of socket) {
  const step = handshake.push(chunk) // { state: 'more' } or { state: 'done', secrets, rest, … }
  if (step.state === 'done') {
    console.log('secrets for frames:', Object.keys(step.secrets).join(', '))
    break
  }
}
server.close()
