/**
 * `ECIES_PACKET_SIZE`: the packet's size prefix is out of bounds, seen before anything was read ·
 * `ECIES_HANDSHAKE_FAILED`: the packet is not of the handshake: whether key, tag, form or signature was wrong is not
 * told, as the difference helps only who probes for it · `ECIES_STATE`: the caller went on after the end, or began twice.
 */
export type EciesErrorCode = 'ECIES_PACKET_SIZE' | 'ECIES_HANDSHAKE_FAILED' | 'ECIES_STATE'

/** A handshake that cannot go on: close the connection without a word. */
export class EciesError extends Error {
  readonly code: EciesErrorCode

  constructor(code: EciesErrorCode, message: string) {
    super(message)
    this.name = 'EciesError'
    this.code = code
  }
}
