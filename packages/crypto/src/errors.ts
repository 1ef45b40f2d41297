/** Which argument was not what it must be. */
export type CryptoErrorCode = 'CRYPTO_PRIVATE_KEY' | 'CRYPTO_PUBLIC_KEY' | 'CRYPTO_SIGNATURE'

/** Bytes that are no key, no point or no signature. Says which, never their content. */
export class CryptoError extends Error {
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode, message: string) {
    super(message)
    this.name = 'CryptoError'
    this.code = code
  }
}
