import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { loadNativeCrypto } from '@ethwire/crypto-native'
import type { Logger } from '@ethwire/io'

/** The native backend where this machine has it, else the pure one, which is some forty times slower with keys. */
export function chooseCrypto(logger: Logger): Crypto {
  const native = loadNativeCrypto()
  if (native.crypto !== undefined) {
    logger.debug({ backend: native.crypto.name }, 'Cryptography')
    return native.crypto
  }
  logger.warn(
    { reason: native.unavailable, backend: pureCrypto.name },
    'No native cryptography, using the slower pure one',
  )
  return pureCrypto
}
