/**
 * The Kademlia routing table of Ethereum's node discovery: distances, buckets, revalidation, lookups.
 *
 * @module
 */
export type { AddedRule, AddOutcome, RefusalRule, RemovalRule, Ruling, TableDecision } from './decision.ts'
export {
  bucketCount,
  bucketIndex,
  bucketSize,
  compareDistance,
  firstBucketDistance,
  logDistance,
  maxReplacements,
} from './distance.ts'
export { geth2018 } from './geth-2018.ts'
export { geth2026 } from './geth-2026.ts'
export type { EntryLimits, LimitRule } from './limits.ts'
export { createLookup, type Lookup, type LookupOptions } from './lookup.ts'
export type { CheckVerdict, Revalidation, TablePolicy, TablePolicyName } from './policy.ts'
export { createTable } from './routing-table.ts'
export type { BucketSnapshot, NodeSnapshot } from './snapshot.ts'
export type { CheckOutcome, CheckResult, QueryOutcome, Table, TableOptions } from './table.ts'
export type { NodePlace, TableNode } from './table-node.ts'
