/**
 * Whom to dial, when, and when again: sources of nodes mixed and filtered, and geth's dial scheduler.
 *
 * @module
 */
export { type BufferNodesOptions, bufferNodes } from './buffer-nodes.ts'
export { type DialAddresses, type DialAddressesOptions, dialAddresses, type NetRestrict } from './dial-addresses.ts'
export type { DialRefusal } from './dial-refusal.ts'
export { createDialScheduler } from './dial-scheduler.ts'
export { createDialScheduler2018, type DialScheduler2018Options } from './dial-scheduler-2018.ts'
export type {
  DialOptions,
  DialOutcome,
  DialReputation,
  DialScheduler,
  DialSchedulerOptions,
  DialSchedulerState,
  NodeDialState,
  ScheduledPeer,
} from './dial-scheduling.ts'
export { type FilterNodesOptions, filterNodes, type NodeCheck } from './filter-nodes.ts'
export { type MixSourcesOptions, mixSources } from './mix-sources.ts'
export type { NodeProvider, NodeSource, SourceCallOptions } from './node-source.ts'
export type { Offence, OffenceWeight } from './offence.ts'
export {
  type BanTarget,
  createReputation,
  type Offender,
  type Reputation,
  type ReputationOptions,
  type ReputationState,
  type Standing,
} from './reputation.ts'
