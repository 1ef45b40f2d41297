import type { Tally } from '../hostile/tally.ts'

/** What the bench tells the honest ones. */
export type HonestRequest =
  | {
      readonly type: 'honest:begin'
      readonly id: number
      readonly enode: string
      readonly genesis: string
      readonly networkId: number
    }
  | { readonly type: 'honest:take'; readonly id: number }
  /** One ping, from an address that somebody else has flooded the node from. */
  | { readonly type: 'honest:ping'; readonly id: number; readonly host: string }

/** What one of them saw. */
export type Seen = ReturnType<Tally['take']> & { readonly firstFailure: string | null }

/** What all saw since the last time. */
export interface HonestFigures {
  /** A node of discovery whose endpoint the attacked one has proof of. */
  readonly known: Seen
  /** Nodes that nobody has heard of, each at an address of its own. */
  readonly newcomers: Seen
  /** A peer over RLPx. */
  readonly peer: Seen
}

/** What the honest ones answer. */
export type HonestAnswer =
  | { readonly type: 'honest:begun'; readonly id: number }
  | { readonly type: 'honest:taken'; readonly id: number; readonly figures: HonestFigures }
  | { readonly type: 'honest:pinged'; readonly id: number; readonly ms: number | null }
  | { readonly type: 'honest:failed'; readonly id: number; readonly reason: string }
