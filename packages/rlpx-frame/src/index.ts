/**
 * RLPx framing: from the handshake's secrets to messages and back, without I/O.
 *
 * @module
 */
export {
  createFrameDecoder,
  type FrameDecoder,
  type FrameDecoderOptions,
  helloMaxFrameBytes,
  type OversizedMessage,
  type ReceivedMessage,
} from './decoder.ts'
export { createFrameEncoder, type FrameEncoder, type FrameEncoderOptions, maxFrameBytes } from './encoder.ts'
export { FrameError, type FrameErrorCode } from './errors.ts'
export type { FrameSecrets } from './secrets.ts'
export { pureSnappy, type Snappy } from './snappy.ts'
