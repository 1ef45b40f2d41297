// What the table's operations cost: run with `node --conditions=@ethwire/source bench/table.ts`. Beside geth's, and with
// limits by subnet: the bench `table` of the repository's `bench/`.
import { webRandom } from '@ethwire/io'
import { createTable, type Table } from '../src/index.ts'

const random = (count: number): Uint8Array[] => Array.from({ length: count }, () => webRandom.bytes(32))
const self = new Uint8Array(32)
const ids = random(10_000)
const targets = random(1024)

function filled(): Table<Uint8Array> {
  const table = createTable<Uint8Array>({ self, idOf: (id) => id, random: webRandom })
  for (const id of ids) table.add(id, 0)
  return table
}

function nanoseconds(work: () => void, operations: number): string {
  for (let round = 0; round < 500; round++) work()
  const rounds = 300
  const startMs = performance.now()
  for (let round = 0; round < rounds; round++) work()
  return `${(((performance.now() - startMs) * 1e6) / (rounds * operations)).toFixed(0)} ns`
}

function all<T>(items: readonly T[], work: (item: T) => void): () => void {
  return () => {
    for (const item of items) work(item)
  }
}

const table = filled()
const known = [...table.nodes()].map((node) => node.entry)
const addKnown = all(known, (id) => table.add(id, 0))
const closest = all(targets, (target) => table.closest(target, 16))
console.log('add', nanoseconds(filled, ids.length))
console.log('add a known one', nanoseconds(addKnown, known.length))
console.log('closest 16', nanoseconds(closest, targets.length))

const tables: Table<Uint8Array>[] = []
globalThis.gc?.()
const before = process.memoryUsage()
for (let count = 0; count < 1000; count++) tables.push(filled())
globalThis.gc?.()
const after = process.memoryUsage()
const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
console.log(
  'a table',
  `${(bytes / tables.length / 1024).toFixed(1)} KiB with`,
  table.size,
  'nodes and',
  table.replacements,
)
