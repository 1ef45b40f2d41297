/**
 * Node discovery v4: packets, endpoint proofs, the routing table at work, lookups, walks of the network.
 *
 * @module
 */
export {
  type CallOptions,
  createDiscv4,
  type Discv4,
  type LookupCost,
  type LookupOptions,
  type Pong,
  type WalkOptions,
} from './discv4.ts'
export { Discv4Error, type Discv4ErrorCode, type PacketErrorCode } from './errors.ts'
export { type Discv4Context, type Discv4Factory, discv4 } from './factory.ts'
export type { Explanation, HistoryEvent } from './history.ts'
export {
  createIdentities,
  type Identities,
  type IdentitiesOptions,
  type Identity,
  type PlainEndpoint,
  type RecordNode,
} from './identities.ts'
export type { NodeDatabase } from './node-database.ts'
export type { Discv4Options, Discv4Settings, DriftCheck, NetRestrict, NodeInput, Recover } from './options.ts'
