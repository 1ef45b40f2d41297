import { ChainError } from '@ethwire/chain'
import { DisconnectReason, ProtocolError } from '@ethwire/protocol'

/**
 * What a peer did that costs it its connection.
 * - `liar`: content that is not what its hash says, or that breaks the protocol
 * - `staller`: no answer at all
 * - `stranger`: it follows another chain than the one being synced
 */
export type Offence = 'liar' | 'staller' | 'stranger'

/** What the peer is told. */
export const offenceReasons: Readonly<Record<Offence, DisconnectReason>> = {
  liar: DisconnectReason.ProtocolBreach,
  staller: DisconnectReason.Timeout,
  stranger: DisconnectReason.UselessPeer,
}

/** Thrown where an answer is judged; does not leave the fetcher. */
export class OffenceError extends Error {
  readonly offence: Offence

  constructor(offence: Offence, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OffenceError'
    this.offence = offence
  }
}

/** Checks what a peer has sent. @throws OffenceError if it is wrong; what else goes wrong is no peer's fault */
export function judge(check: () => void, what: string): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    throw new OffenceError('liar', `${what}: ${error.message}`, { cause: error })
  }
}

/** What a failed request says of the peer; undefined when the peer did nothing wrong, or is just gone. */
export function offenceOf(error: unknown): Offence | undefined {
  if (error instanceof OffenceError) return error.offence
  if (!(error instanceof ProtocolError)) return undefined
  switch (error.code) {
    case 'PROTOCOL_TIMEOUT':
      return 'staller'
    case 'PROTOCOL_DECODE':
    case 'PROTOCOL_BREACH':
    case 'PROTOCOL_UNSOLICITED':
    case 'PROTOCOL_INVALID_CODE':
    case 'PROTOCOL_INVALID_TYPE':
    case 'PROTOCOL_MESSAGE_TOO_LONG':
      return 'liar'
    default:
      return undefined
  }
}
