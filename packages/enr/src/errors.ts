/**
 * Records: `ENR_TEXT` (not `enr:` and unpadded base64url) · `ENR_TOO_LARGE` (over 300 bytes) · `ENR_RLP` (not RLP, not
 * canonical, or the wrong kind of item) · `ENR_INCOMPLETE` (no signature, no sequence number, or a key without a value) ·
 * `ENR_KEY_ORDER`, `ENR_KEY_TWICE`, `ENR_KEY_FORBIDDEN` · `ENR_SCHEME` (an identity scheme other than v4, or none) ·
 * `ENR_PUBLIC_KEY` · `ENR_SIGNATURE` · `ENR_VALUE` (a known key with a value it cannot have) · `ENR_NO_UDP`.
 *
 * Enode URLs: `ENODE_URL` (the form) · `ENODE_PUBLIC_KEY` · `ENODE_HOST` · `ENODE_PORT`. Either: `NODE_TEXT`.
 */
export type EnrErrorCode =
  | 'ENR_TEXT'
  | 'ENR_TOO_LARGE'
  | 'ENR_RLP'
  | 'ENR_INCOMPLETE'
  | 'ENR_KEY_ORDER'
  | 'ENR_KEY_TWICE'
  | 'ENR_KEY_FORBIDDEN'
  | 'ENR_SCHEME'
  | 'ENR_PUBLIC_KEY'
  | 'ENR_SIGNATURE'
  | 'ENR_VALUE'
  | 'ENR_NO_UDP'
  | 'ENODE_URL'
  | 'ENODE_PUBLIC_KEY'
  | 'ENODE_HOST'
  | 'ENODE_PORT'
  | 'NODE_TEXT'

/** Bytes or text from outside that are no record or no enode URL; `code` says why. */
export class EnrError extends Error {
  readonly code: EnrErrorCode

  constructor(code: EnrErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'EnrError'
    this.code = code
  }
}
