import type { TableNode } from './table-node.ts'

/** A bucket to look at. */
export interface BucketSnapshot<E> {
  /** 0 to 16. */
  readonly bucket: number
  /** The logarithmic distances of its nodes: one, and all up to 240 for the first. */
  readonly distance: { readonly from: number; readonly to: number }
  /** In the bucket's order. */
  readonly nodes: readonly NodeSnapshot<E>[]
  /** The latest first. */
  readonly replacements: readonly NodeSnapshot<E>[]
}

/** A node as it was at one moment. */
export interface NodeSnapshot<E> extends TableNode<E> {
  /** See `Table.isEstablished`. */
  readonly isEstablished: boolean
}
