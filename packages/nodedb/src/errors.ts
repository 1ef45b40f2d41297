/**
 * - `NODEDB_LOCKED`: another process has the database
 * - `NODEDB_DAMAGED`: the database cannot be read; move it aside and begin a new one
 * - `NODEDB_NEWER`: a later version of this package wrote it; nothing in it was changed
 * - `NODEDB_FOREIGN`: it holds something else; nothing in it was changed
 * - `NODEDB_OPEN`: it cannot be opened for another reason, which is the `cause`
 * - `NODEDB_CLOSED`: a sequence number after `close`
 */
export type NodeDatabaseErrorCode =
  | 'NODEDB_LOCKED'
  | 'NODEDB_DAMAGED'
  | 'NODEDB_NEWER'
  | 'NODEDB_FOREIGN'
  | 'NODEDB_OPEN'
  | 'NODEDB_CLOSED'

/** A database that cannot be used; `code` says why. */
export class NodeDatabaseError extends Error {
  readonly code: NodeDatabaseErrorCode

  constructor(code: NodeDatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NodeDatabaseError'
    this.code = code
  }
}
