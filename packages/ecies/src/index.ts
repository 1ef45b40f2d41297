/**
 * The RLPx handshake (EIP-8) as two state machines without I/O: bytes in, bytes out, ending in the secrets of the
 * frames.
 *
 * @module
 */
export { EciesError, type EciesErrorCode } from './errors.ts'
export {
  createInitiator,
  createRecipient,
  type HandshakeDone,
  type HandshakeMore,
  type HandshakeOptions,
  type HandshakeStep,
  type Initiator,
  type InitiatorOptions,
  type Recipient,
} from './handshake.ts'
export type { FrameSecrets } from './secrets.ts'
