import { createHash } from 'node:crypto'
import { webRandom } from '@ethwire/io'
import { createTable, type Table } from '@ethwire/kbucket'
import { tableLimits } from '@ethwire/netutil'
import { type GethTable, startGethTable } from './geth-table.ts'
import { buildGoPrograms, gethName } from './go.ts'
import { type Line, rateLine } from './line.ts'
import { type Contender, medianRates, repeat } from './measure.ts'

const rounds = { count: 5, durationMs: 300 }
const unit = 'ops/s'
const peerName = `${gethName} discover.Table`
/** Nodes offered to a table: it keeps about 160 of them, and about 80 replacements. */
const offered = 10_000
const targetCount = 1024
const results = 16

interface Node {
  readonly id: Uint8Array
  readonly ip: string
}

const limits = tableLimits((node: Node) => node.ip)

/** The routing table's operations, on the same nodes on both sides, with limits by subnet, in one thread each. */
export async function* benchTable(): AsyncGenerator<Line> {
  buildGoPrograms('tablebench')
  using geth = startGethTable()
  const self = nodeOf('self', 0).id
  const nodes = Array.from({ length: offered }, (_, number) => nodeOf('node', number))
  const targets = Array.from({ length: targetCount }, (_, number) => digest('target', number))
  const table = filled(self, nodes)
  await checkAlike(geth, table, targets[0]!)

  const kept = [...table.nodes()].map(({ entry }) => entry)
  const add = each(nodes.length, () => filled(self, nodes))
  const addAll = (known: readonly Node[]): Contender =>
    each(known.length, () => {
      for (const node of known) table.add(node, 0)
    })
  // discv4 has one object for each ID, however often it is met; geth compares bytes.
  const addKnown = addAll(kept.map((node) => ({ ...node })))
  const addCopied = addAll(kept.map((node) => ({ ...node, id: node.id.slice() })))
  const closest = each(targets.length, () => {
    for (const target of targets) table.closest(target, results)
  })
  const lines = [
    { name: 'table/add', bench: 'add', ours: add, note: `${offered} different nodes to an empty table, with it` },
    {
      name: 'table/add-known',
      bench: 'known',
      ours: addKnown,
      note: `of ${table.size} nodes that it has; IDs as discv4 has them`,
    },
    {
      name: 'table/add-known/copied',
      bench: 'known',
      ours: addCopied,
      note: `of ${table.size} nodes that it has; IDs in other objects`,
    },
    { name: 'table/closest-16', bench: 'closest', ours: closest, note: `of ${table.size} nodes, to random targets` },
  ] as const
  for (const { name, bench, ours, note } of lines) {
    const contenders = { ours, geth: geth.contender({ bench, nodes: offered }) }
    const rates = await medianRates(contenders, rounds)
    yield rateLine({ name, unit, ours: rates.ours, peer: rates.geth, peerName, note: `${note}; ${times(rates)}` })
  }
}

const times = ({ ours, geth }: { ours: number; geth: number }): string =>
  `${(1e9 / ours).toFixed(0)} ns beside ${(1e9 / geth).toFixed(0)} ns`

/** Work that is so many operations at a time. */
function each(operations: number, work: () => void): Contender {
  return { rate: (durationMs) => repeat(work, durationMs) * operations }
}

function filled(self: Uint8Array, nodes: readonly Node[]): Table<Node> {
  const table = createTable<Node>({
    self,
    idOf: (node) => node.id,
    random: webRandom,
    limits,
  })
  for (const node of nodes) table.add(node, 0)
  return table
}

/** Both tables must hold the same nodes and find the same ones, else the figures compare nothing. */
async function checkAlike(geth: GethTable, table: Table<Node>, target: Uint8Array): Promise<void> {
  const theirs = await geth.check(offered)
  const ours = {
    ids: [...table.nodes()].map(({ entry }) => hex(entry.id)),
    closest: table.closest(target, results).map(({ id }) => hex(id)),
  }
  if (JSON.stringify(theirs) !== JSON.stringify(ours)) throw new Error("geth's table holds other nodes than ours")
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** As in `interop/cmd/tablebench`: an ID by kind and number, at a public address by the ID. */
function nodeOf(kind: string, number: number): Node {
  const id = digest(kind, number)
  const place = createHash('sha256').update(id).digest()
  return { id, ip: [20 + (place[0]! % 80), ...place.subarray(1, 4)].join('.') }
}

function digest(kind: string, number: number): Uint8Array {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(number)
  return new Uint8Array(createHash('sha256').update(kind).update(counter).digest())
}
