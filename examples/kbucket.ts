// Find the nodes nearest to an ID, in a network of 300 of which each knows a part.
import { webRandom } from '@ethwire/io'
import { createLookup, createTable, type Table } from '@ethwire/kbucket'

const ids = Array.from({ length: 300 }, () => webRandom.bytes(32))
const tables = new Map<string, Table<Uint8Array>>()
for (const self of ids) {
  const table = createTable<Uint8Array>({ self, idOf: (id) => id, random: webRandom })
  for (const id of ids) table.add(id, 0)
  tables.set(String(self), table)
}

const target = webRandom.bytes(32)
const [me] = [...tables.values()]
const start = me?.closest(target, 16) ?? []
const lookup = createLookup({ target, start, idOf: (id) => id, keyOf: String })
for (let node = lookup.next(); node !== undefined; node = lookup.next()) {
  // Here a packet would go out, up to three at a time.
  lookup.answered(String(node), tables.get(String(node))?.tellable(target, 16) ?? [])
}
console.log('I know', me?.size, 'nodes of', ids.length, 'and asked', lookup.queries)
console.log('the nearest begins with', lookup.result()[0]?.slice(0, 4), 'and the target with', target.slice(0, 4))
