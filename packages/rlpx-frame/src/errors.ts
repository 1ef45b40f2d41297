/**
 * `FRAME_MAC`: header or body are not by the other side, or were changed · `FRAME_TOO_LARGE`: the header declares more
 * than is allowed now · `FRAME_EMPTY`: a frame without a message code · `FRAME_CODE`: the code is no canonical number of
 * up to 4 bytes · `FRAME_SNAPPY`: the payload is no snappy block.
 */
export type FrameErrorCode = 'FRAME_MAC' | 'FRAME_TOO_LARGE' | 'FRAME_EMPTY' | 'FRAME_CODE' | 'FRAME_SNAPPY'

/** The stream cannot go on. `FRAME_MAC` closes the connection without a word; the others are a breach of protocol. */
export class FrameError extends Error {
  readonly code: FrameErrorCode

  constructor(code: FrameErrorCode, message: string) {
    super(message)
    this.name = 'FrameError'
    this.code = code
  }
}
