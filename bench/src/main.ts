// How fast ethwire is beside others: `main.ts [--only NAME[,NAME…]] [--json]`.
import { parseArgs } from 'node:util'
import { benchCrawl } from './crawl.ts'
import { benchDiscovery } from './discovery.ts'
import { benchPackets } from './discv4-packets.ts'
import { benchFrames } from './frames.ts'
import { benchHandshakes } from './handshakes.ts'
import { type Line, tableHead, tableRow } from './line.ts'
import { benchPull, benchServe } from './pull.ts'
import { benchTable } from './table.ts'

const benches: Readonly<Record<string, () => AsyncGenerator<Line>>> = {
  handshakes: benchHandshakes,
  frames: benchFrames,
  pull: benchPull,
  serve: benchServe,
  packets: benchPackets,
  discovery: benchDiscovery,
  crawl: benchCrawl,
  table: benchTable,
}
// Simulations take most of an hour: they are run by name.
const usual = Object.keys(benches).filter((name) => name !== 'discovery')

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
})
const wanted = values.only?.flatMap((names) => names.split(',')) ?? usual
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}: there are ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
if (!values.json) console.log(tableHead)
for (const name of wanted) {
  try {
    for await (const line of benches[name]!()) console.log(values.json ? JSON.stringify(line) : tableRow(line))
  } catch (error) {
    console.error(`The bench ${name} failed:`, error)
    process.exitCode = 1
  }
}
