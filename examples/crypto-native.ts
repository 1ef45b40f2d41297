// Take the native backend where the machine has it.
import { pureCrypto } from '@ethwire/crypto'
import { loadNativeCrypto } from '@ethwire/crypto-native'

const native = loadNativeCrypto()
console.log(native.crypto ? 'native' : `pure: ${native.unavailable}`)
const crypto = native.crypto ?? pureCrypto
console.log('keccak-256 of nothing:', Buffer.from(crypto.keccak256(new Uint8Array(0))).toString('hex'))
