/**
 * The Kademlia routing table of Ethereum's node discovery: distances, buckets, revalidation, lookups.
 *
 * @module
 */
export type { AddedRule, AddOutcome, RefusalRule, RemovalRule, TableDecision } from './decision.ts'
export {
  bucketCount,
  bucketIndex,
  bucketSize,
  compareDistance,
  firstBucketDistance,
  logDistance,
  maxReplacements,
} from './distance.ts'
export type { Lookup, LookupOptions } from './lookup.ts'
export type { CheckVerdict, Revalidation, TablePolicy, TablePolicyName } from './policy.ts'
export type { BucketSnapshot, NodeSnapshot } from './snapshot.ts'
export type { CheckOutcome, CheckResult, EntryLimit, QueryOutcome, Table, TableOptions } from './table.ts'
export type { NodePlace, PolicyNode, TableNode } from './table-node.ts'
