// The RLPx handshake between two state machines: no sockets, only bytes.
import { pureCrypto } from '@ethwire/crypto'
import { createInitiator, createRecipient } from '@ethwire/ecies'

const alice = new Uint8Array(32).fill(1)
const bob = new Uint8Array(32).fill(2)

const initiator = createInitiator({ privateKey: alice, remotePublicKey: pureCrypto.publicKey(bob) })
const recipient = createRecipient({ privateKey: bob })

const atBob = recipient.push(initiator.start())
if (atBob.send === undefined) throw new Error('the recipient has nothing to say')
const atAlice = initiator.push(atBob.send)
if (atAlice.state !== 'done' || atBob.state !== 'done') throw new Error('the handshake is not done')

console.log('same keys:', Buffer.from(atAlice.secrets.aesKey).equals(atBob.secrets.aesKey))
