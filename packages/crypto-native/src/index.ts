/**
 * The ethwire crypto interface on libsecp256k1 and the OpenSSL of the runtime, where both are there.
 *
 * @module
 */
export { loadNativeCrypto, type NativeCryptoLoad, nativeCrypto } from './native.ts'
