/**
 * The nodes that were seen, and the local sequence number, on any abstract-level store.
 *
 * @module
 */
export { NodeDatabaseError, type NodeDatabaseErrorCode } from './errors.ts'
export { createNodeDatabase } from './node-database.ts'
export type { NodeStore, StoreOperation } from './node-store.ts'
export type { SeedOptions } from './seeds.ts'
export type { NodeDatabase, NodeDatabaseOptions } from './types.ts'
