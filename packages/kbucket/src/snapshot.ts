import { firstBucketDistance } from './distance.ts'
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
  /** From which of its policy's lists its next check is drawn: under 2026's, `fast` or `slow`. */
  readonly list: string | undefined
}

/** How a bucket is now. The nodes are copies: what happens later does not change them. */
export function snapshotOf<E>(
  bucket: number,
  nodes: readonly TableNode<E>[],
  waiting: readonly TableNode<E>[],
  judge: (node: TableNode<E>) => Pick<NodeSnapshot<E>, 'isEstablished' | 'list'>,
): BucketSnapshot<E> {
  const copy = (node: TableNode<E>): NodeSnapshot<E> => ({
    entry: node.entry,
    addedAtMs: node.addedAtMs,
    inBucketAtMs: node.inBucketAtMs,
    checks: node.checks,
    isLive: node.isLive,
    queryFailures: node.queryFailures,
    place: node.place,
    isChecking: node.isChecking,
    ...judge(node),
  })
  const to = firstBucketDistance + bucket
  return {
    bucket,
    distance: { from: bucket === 0 ? 0 : to, to },
    nodes: nodes.map(copy),
    replacements: waiting.map(copy).reverse(),
  }
}
