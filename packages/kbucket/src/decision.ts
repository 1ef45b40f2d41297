/** What became of a node that was offered. */
export type AddOutcome =
  | { readonly kind: 'added' }
  /** It was there already. `isUpdated`: with what is new about it. */
  | { readonly kind: 'known'; readonly isUpdated: boolean }
  /** Its bucket is full: it is among those that wait for a place. */
  | { readonly kind: 'replacement' }
  | { readonly kind: 'refused'; readonly rule: RefusalRule; readonly limit?: string }

/** Why a node is not taken in. */
export type RefusalRule =
  /** It is the table's own node. */
  | 'self'
  /** Too many of its network in the whole table; the decision's `limit` says which. */
  | 'table-limit'
  /** Too many of its network in its bucket. */
  | 'bucket-limit'

/** Why a node leaves its bucket. */
export type RemovalRule =
  /** It failed its check. */
  | 'check-failed'
  /** Five queries in a row failed or found nothing. */
  | 'queries-failed'

/** What a table did with a node, and by which rule. */
export type TableDecision<E> = Ruling<E> & {
  readonly entry: E
  /** 0 to 16. */
  readonly bucket: number
  readonly atMs: number
}

/** A decision without the node that it is about. */
export type Ruling<E> =
  | { readonly kind: 'added'; readonly rule: AddedRule }
  | { readonly kind: 'waiting'; readonly rule: 'bucket-full' }
  /** `limit`: which one, by the name that the limit gave. */
  | { readonly kind: 'refused'; readonly rule: RefusalRule; readonly limit?: string }
  /** A known node has a new record or endpoint; after a new endpoint it is live only when checked again. */
  | { readonly kind: 'updated'; readonly rule: 'new-endpoint' | 'same-endpoint' }
  /** What is new about a known node was not taken, for its new endpoint would exceed a limit. */
  | { readonly kind: 'update-refused'; readonly rule: RefusalRule; readonly limit: string }
  | { readonly kind: 'alive'; readonly rule: 'check-passed'; readonly checks: number }
  /** It failed and stays: for its checks so far, or because it spoke meanwhile. */
  | { readonly kind: 'failed'; readonly rule: 'check-failed'; readonly checks: number }
  /** Asked for nodes, it told of none: it did not answer, or has none. */
  | { readonly kind: 'query-failed'; readonly rule: 'no-nodes'; readonly failures: number }
  /** It left its bucket. A caller that removes a node names a rule of its own. */
  | { readonly kind: 'removed'; readonly rule: RemovalRule | (string & {}); readonly replacedBy?: E }
  /** It waited for a place and was pushed out by a later one, or removed by the caller with a rule of its own. */
  | { readonly kind: 'dropped'; readonly rule: 'newer-replacement' | (string & {}) }

/** By which way a node came into a bucket. */
export type AddedRule =
  /** It was heard of, and there was room. */
  | 'heard-of'
  /** It spoke to us from a proven endpoint, and there was room. */
  | 'spoke-to-us'
  /** It took the place of one that was removed. */
  | 'replacement'
