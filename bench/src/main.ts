// How fast ethwire is beside others: `main.ts [--only NAME[,NAME…]] [--json]`.
import { parseArgs } from 'node:util'
import { benchCrawl } from './crawl.ts'
import { benchDiscovery } from './discovery.ts'
import { benchPackets } from './discv4-packets.ts'
import { benchFlood } from './flood.ts'
import { benchFourPeers } from './four-peers.ts'
import { benchFrames } from './frames.ts'
import { benchHandshakes } from './handshakes.ts'
import { benchHostile } from './hostile.ts'
import { type Line, tableHead, tableRow } from './line.ts'
import { benchPull, benchServe } from './pull.ts'
import { benchSwarm } from './swarm.ts'
import { benchTable } from './table.ts'

const benches: Readonly<Record<string, (part?: string) => AsyncGenerator<Line>>> = {
  handshakes: benchHandshakes,
  frames: benchFrames,
  pull: benchPull,
  serve: benchServe,
  'four-peers': benchFourPeers,
  packets: benchPackets,
  discovery: benchDiscovery,
  table: benchTable,
  hostile: benchHostile,
  crawl: benchCrawl,
  flood: benchFlood,
  swarm: benchSwarm,
}
// Simulations take most of an hour: they are run by name.
const usual = Object.keys(benches).filter((name) => name !== 'discovery')

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
})
const names = values.only?.flatMap((list) => list.split(',')) ?? usual
// `hostile/unread` is a part of a bench.
const wanted = names.map((name) => name.split('/')) as [bench: string, part?: string][]
const unknown = wanted.filter(([bench]) => !Object.hasOwn(benches, bench))
if (unknown.length > 0) {
  console.error(
    `There is no bench ${unknown.map(([bench]) => bench).join(', ')}: there are ${Object.keys(benches).join(', ')}.`,
  )
  process.exit(2)
}
if (!values.json) console.log(tableHead)
for (const [bench, part] of wanted) {
  try {
    for await (const line of benches[bench]!(part)) console.log(values.json ? JSON.stringify(line) : tableRow(line))
  } catch (error) {
    console.error(`The bench ${bench} failed:`, error)
    process.exitCode = 1
  }
}
