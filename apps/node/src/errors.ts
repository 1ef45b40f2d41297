/**
 * What ends a command: a mistake in how it was called, or something on this machine that the user has to mend. The
 * message is one line that says what and what to do.
 */
export type NodeErrorCode =
  | 'NODE_USAGE'
  | 'NODE_DATADIR'
  | 'NODE_KEY'
  | 'NODE_GENESIS'
  | 'NODE_STORE_LOCKED'
  | 'NODE_STORE_DAMAGED'
  | 'NODE_STORE'
  | 'NODE_CHAIN_FILE'
  | 'NODE_FILE'
  | 'NODE_RECORD'
  | 'NODE_LISTEN'
  | 'NODE_IPC'
  | 'NODE_DISCOVERY'
  | 'NODE_DEVNET'
  | 'NODE_OUTPUT'
  | 'NODE_OUTPUT_CLOSED'

export class NodeError extends Error {
  readonly code: NodeErrorCode

  constructor(code: NodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NodeError'
    this.code = code
  }

  /** As shells have it: 2 for a wrong command line, 141 where SIGPIPE ends other programs, 1 for the rest. */
  get exitCode(): 1 | 2 | 141 {
    if (this.code === 'NODE_OUTPUT_CLOSED') return 141
    return this.code === 'NODE_USAGE' ? 2 : 1
  }
}

/** The first line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0] ?? ''
}

/** The `code` of an error, as Node, abstract-level and our own packages set it. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
