import { createTable, type EntryLimits, type Table, type TableDecision, type TableOptions } from '@ethwire/kbucket'
import { createSeededRandom } from '@ethwire/testing'

/** A node as these tests have it. */
export interface Node {
  readonly id: Uint8Array
  /** IPv4 in four parts, or IPv6 as `a:b:c:d::e`. */
  readonly ip: string
  readonly port: number
  readonly seq: number
}

/** The table's own ID: zero, so that distances can be read off IDs. */
export const self: Uint8Array = new Uint8Array(32)

/** The `n`th ID at a logarithmic distance from `self`, 32 or more. */
export function idAt(distance: number, n: number): Uint8Array {
  const id = new Uint8Array(32)
  id[32 - Math.ceil(distance / 8)] = 1 << ((distance - 1) % 8)
  new DataView(id.buffer).setUint32(28, n)
  return id
}

/** A node at a distance, in a /24 of its own. */
export function nodeAt(distance: number, n: number, fields: Partial<Node> = {}): Node {
  const network = distance * 100 + n
  return { id: idAt(distance, n), ip: `20.${(network >> 8) & 255}.${network & 255}.1`, port: 30303, seq: 0, ...fields }
}

/** Nodes at a distance, from the `first`. */
export function nodesAt(distance: number, count: number, first = 0): Node[] {
  return Array.from({ length: count }, (_, n) => nodeAt(distance, first + n))
}

export const hex = (id: Uint8Array): string => Buffer.from(id).toString('hex')

const sameParts = (separator: string, parts: number) => {
  const network = (ip: string): string => ip.split(separator).slice(0, parts).join(separator)
  return (a: Node, b: Node): boolean =>
    a.ip.includes(separator) && b.ip.includes(separator) && network(a.ip) === network(b.ip)
}

/** Limits by network, as a table of devp2p has them. */
export const subnets: EntryLimits<Node> = {
  groupOf(node) {
    if (node.ip.startsWith('10.')) return undefined
    const [a, b, c] = node.ip.split(node.ip.includes(':') ? ':' : '.')
    return Number.parseInt(`${a}${b}${c}`, 16)
  },
  rules: [
    { name: 'ip4/24', ofTable: 10, ofBucket: 2, isSameKind: sameParts('.', 3) },
    { name: 'ip6/64', ofTable: 10, ofBucket: 2, isSameKind: sameParts(':', 4) },
    { name: 'ip6/48', ofTable: 20, ofBucket: 4, isSameKind: sameParts(':', 3) },
  ],
}

/** A table of such nodes, and what it decided. */
export interface Recorded {
  readonly table: Table<Node>
  readonly decisions: TableDecision<Node>[]
  /** What was decided since the last call, as `kind rule`. */
  rulings(): string[]
}

export function createNodeTable(options: Partial<TableOptions<Node>> = {}): Recorded {
  const decisions: TableDecision<Node>[] = []
  let seen = 0
  const table = createTable<Node>({
    self,
    idOf: (node) => node.id,
    random: createSeededRandom(1),
    sameEndpoint: (a, b) => a.ip === b.ip && a.port === b.port,
    isNewer: (heard, known) => heard.seq > known.seq,
    onDecision: (decision) => decisions.push(decision),
    ...options,
  })
  return {
    table,
    decisions,
    rulings() {
      const recent = decisions.slice(seen)
      seen = decisions.length
      return recent.map(({ kind, rule }) => `${kind} ${rule}`)
    },
  }
}

/** Hands out checks until each node passed one, and gives the time at which that was so. */
export function checkAll(table: Table<Node>, startMs = 0): number {
  let nowMs = startMs
  while (table.live < table.size) {
    nowMs = Math.max(nowMs, table.nextCheckAtMs() ?? nowMs)
    for (const node of table.takeChecks(nowMs)) table.checked(node, { isAlive: true }, nowMs)
  }
  return nowMs
}
