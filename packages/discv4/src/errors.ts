/**
 * What is wrong with a packet: `PACKET_TOO_SMALL`, `PACKET_TOO_LARGE` (over 1,280 bytes) · `PACKET_TYPE` (none of the
 * six) · `PACKET_HASH` · `PACKET_RLP` (the fields cannot be read) · `PACKET_SIGNATURE` (of no key).
 */
export type PacketErrorCode =
  | 'PACKET_TOO_SMALL'
  | 'PACKET_TOO_LARGE'
  | 'PACKET_TYPE'
  | 'PACKET_HASH'
  | 'PACKET_RLP'
  | 'PACKET_SIGNATURE'

/**
 * A packet's faults, and how a request fails: `DISCV4_TIMEOUT` (no answer in time) · `DISCV4_NO_ENDPOINT` (the node has
 * no address that UDP can reach) · `DISCV4_REFUSED` (an address that the rules, `netRestrict` among them, do not allow) ·
 * `DISCV4_RECORD` (the answer has no valid record of that node) · `DISCV4_BUSY` (too many requests wait) ·
 * `DISCV4_CLOSED`.
 */
export type Discv4ErrorCode =
  | PacketErrorCode
  | 'DISCV4_TIMEOUT'
  | 'DISCV4_NO_ENDPOINT'
  | 'DISCV4_REFUSED'
  | 'DISCV4_RECORD'
  | 'DISCV4_BUSY'
  | 'DISCV4_CLOSED'

/** A packet that is none, or a request without its answer; `code` says why. */
export class Discv4Error extends Error {
  readonly code: Discv4ErrorCode

  constructor(code: Discv4ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Discv4Error'
    this.code = code
  }
}
