// Sign, and recover who signed.
import { pureCrypto } from '@ethwire/crypto'

const privateKey = new Uint8Array(32).fill(1)
const hash = pureCrypto.keccak256(new TextEncoder().encode('hello'))
const signature = pureCrypto.sign(hash, privateKey)
const signer = pureCrypto.recover(hash, signature)
console.log('recovered the signer:', Buffer.from(signer).equals(pureCrypto.publicKey(privateKey)))
