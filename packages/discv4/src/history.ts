import type { NodeAddress } from '@ethwire/enr'
import type { TableDecision, TableNode } from '@ethwire/kbucket'

/** Something that was decided about a node. */
export interface HistoryEvent {
  /** Unix milliseconds. Of an event that came several times in a row, the last. */
  readonly atMs: number
  /** `proven`, `refused`, `added`, `waiting`, `updated`, `failed`, `removed`, … */
  readonly event: string
  /** Which rule decided. */
  readonly rule: string
  /** What the rule has to say: a limit, who told of the node, who took its place. */
  readonly detail?: string
  /** How many times in a row. */
  readonly count: number
}

/** What is known of a node, and what became of it. */
export interface Explanation {
  readonly nodeIdHex: string
  /** Where the table has it: in a bucket, among those that wait for a place, or nowhere; `self`: it is this node. */
  readonly place: 'bucket' | 'replacements' | 'absent' | 'self'
  /** As the table has it. */
  readonly node?: Readonly<TableNode<NodeAddress>>
  /** The address that the table has of it, if it has proven it within the last 24 h. */
  readonly provenIp?: string
  /** The oldest first. Nothing of a node that was never met, or long ago. */
  readonly events: readonly HistoryEvent[]
}

const maxEvents = 16

/** The last that was decided about each of the last nodes met. */
export class History {
  readonly #now: () => number
  readonly #maxNodes: number
  // bounded: maxNodes, the longest untouched goes first; maxEvents of each
  readonly #events = new Map<string, HistoryEvent[]>()

  constructor(now: () => number, maxNodes: number) {
    this.#now = now
    this.#maxNodes = maxNodes
  }

  note(nodeIdHex: string, event: string, rule: string, detail?: string): void {
    if (this.#maxNodes === 0) return
    const events = this.#events.get(nodeIdHex) ?? []
    this.#events.delete(nodeIdHex)
    if (this.#events.size >= this.#maxNodes) {
      for (const oldest of this.#events.keys()) {
        this.#events.delete(oldest)
        break
      }
    }
    this.#events.set(nodeIdHex, events)
    const last = events.at(-1)
    const isSame = last !== undefined && last.event === event && last.rule === rule && last.detail === detail
    const count = isSame ? last.count + 1 : 1
    if (isSame) events.pop()
    else if (events.length >= maxEvents) events.shift()
    events.push({ atMs: this.#now(), event, rule, count, ...(detail === undefined ? {} : { detail }) })
  }

  /** A decision of the table. Checks that were passed are not noted: the table itself shows how many. */
  noteDecision(decision: TableDecision<NodeAddress>): void {
    if (this.#maxNodes === 0 || decision.kind === 'alive') return
    this.note(decision.entry.nodeIdHex, decision.kind, decision.rule, detailOf(decision))
  }

  of(nodeIdHex: string): readonly HistoryEvent[] {
    return [...(this.#events.get(nodeIdHex) ?? [])]
  }
}

function detailOf(decision: TableDecision<NodeAddress>): string | undefined {
  switch (decision.kind) {
    case 'refused':
    case 'update-refused':
      return decision.limit
    case 'failed':
      return `${decision.checks} checks left`
    case 'removed':
      return decision.replacedBy === undefined ? undefined : `replaced by ${decision.replacedBy.nodeIdHex}`
    default:
      return undefined
  }
}
