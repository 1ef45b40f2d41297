/**
 * Whom to dial, when, and when again: sources of nodes mixed and filtered, and geth's dial scheduler.
 *
 * @module
 */
export type { NodeProvider, NodeSource, SourceCallOptions } from './node-source.ts'
