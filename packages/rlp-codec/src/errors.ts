/**
 * - `RLP_TRUNCATED`: an item reaches past its container
 * - `RLP_NOT_CANONICAL`: a longer form than needed, or a leading zero
 * - `RLP_KIND`: a list where a byte string was expected, or the reverse
 * - `RLP_TOO_LARGE`: a byte string, number or item over its bound
 * - `RLP_TOO_MANY`: a list over its count
 * - `RLP_LENGTH`: a byte string that is not of its exact length
 * - `RLP_MISSING`: a list ends before its last required item
 * - `RLP_EXTRA`: a list goes on after its last item
 * - `RLP_TRAILING`: bytes after the outermost item
 * - `RLP_VALUE`: the right form with a value that is not allowed
 */
export type RlpErrorCode =
  | 'RLP_TRUNCATED'
  | 'RLP_NOT_CANONICAL'
  | 'RLP_KIND'
  | 'RLP_TOO_LARGE'
  | 'RLP_TOO_MANY'
  | 'RLP_LENGTH'
  | 'RLP_MISSING'
  | 'RLP_EXTRA'
  | 'RLP_TRAILING'
  | 'RLP_VALUE'

/** Bytes that are not what a schema says. `path` leads to the item: `headers.3.number`. */
export class RlpError extends Error {
  readonly code: RlpErrorCode
  readonly problem: string
  path: string

  constructor(code: RlpErrorCode, problem: string) {
    super(problem)
    this.name = 'RlpError'
    this.code = code
    this.problem = problem
    this.path = ''
  }

  /** Puts a container's step before the path: called on the way out of nested reads. */
  within(step: string | number): this {
    this.path = this.path === '' ? `${step}` : `${step}.${this.path}`
    this.message = `${this.path}: ${this.problem}`
    return this
  }
}
