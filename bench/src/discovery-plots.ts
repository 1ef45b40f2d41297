// Writes the figures of a discovery report, as tables and charts, into the README of @ethwire/simulation:
// `node bench/src/discovery-plots.ts [REPORT.json]`, of the report that is kept beside the README by default.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttackResult, DiscoveryReport, NetworkResult } from './discovery-experiments.ts'

const packageDir = join(import.meta.dirname, '..', '..', 'packages', 'simulation')
const readmePath = join(packageDir, 'README.md')
const reportPath = process.argv[2] ?? join(packageDir, 'bench', 'discovery.json')
const begin = '<!-- figures: written by bench/src/discovery-plots.ts -->'
const end = '<!-- end of figures -->'

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const digits = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 })

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

interface Chart {
  readonly title: string
  readonly unit: string
  readonly of: (result: NetworkResult) => number
}

const charts: readonly Chart[] = [
  { title: 'Hops of a lookup', unit: 'hops', of: ({ meanHops }) => meanHops },
  { title: 'Packets that a node sends in a minute', unit: 'packets', of: ({ packetsPerMinute }) => packetsPerMinute },
  { title: 'Live share of tables', unit: '%', of: ({ liveShare }) => liveShare * 100 },
]

const { results, wallSeconds } = JSON.parse(readFileSync(reportPath, 'utf8')) as DiscoveryReport
const networks = results.filter((result): result is NetworkResult => result.kind === 'network')
const attacks = results.filter((result): result is AttackResult => result.kind === 'attack')
const sizes = [...new Set(networks.map(({ nodes }) => nodes))].sort((a, b) => a - b)
const policies = [...new Set(networks.map(({ policy }) => policy))]

function meanOf(nodes: number, policy: string, of: (result: NetworkResult) => number): number {
  return mean(networks.filter((result) => result.nodes === nodes && result.policy === policy).map(of))
}

function chart({ title, unit, of }: Chart): string {
  const series = policies.map((policy) => sizes.map((nodes) => Number(meanOf(nodes, policy, of).toPrecision(3))))
  const most = Math.max(...series.flat())
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}: ${policies.join(' (bars), ')} (line)"`,
    `  x-axis "nodes" [${sizes.map((nodes) => `"${nodes.toLocaleString('en-US')}"`).join(', ')}]`,
    `  y-axis "${unit}" 0 --> ${Math.ceil(most * 1.1)}`,
    ...series.map((values, index) => `  ${index === 0 ? 'bar' : 'line'} [${values.join(', ')}]`),
    '```',
  ].join('\n')
}

const networkTable = table(
  [
    'nodes',
    'policy',
    'true closest',
    'hops',
    'queries',
    'live share',
    'packets, bytes a node and minute',
    'memory a node',
    'wall time',
  ],
  sizes.flatMap((nodes) =>
    policies.map((policy) => {
      const of = (figure: (result: NetworkResult) => number): number => meanOf(nodes, policy, figure)
      return [
        nodes.toLocaleString('en-US'),
        policy,
        percent(of((result) => result.trueClosestShare)),
        digits(of((result) => result.meanHops)),
        digits(of((result) => result.meanQueries)),
        percent(of((result) => result.liveShare)),
        `${digits(of((result) => result.packetsPerMinute))}, ${digits(of((result) => result.bytesPerMinute))}`,
        `${digits(of((result) => result.bytesPerNode / 1000))} KB`,
        `${digits(of((result) => result.wallSeconds))} s`,
      ]
    }),
  ),
)

const attackTable = table(
  ['attacker', 'policy', 'of tables', 'of outbound', 'of tables, restarted', 'of outbound, restarted'],
  attacks.map(({ place, policy, attacked, restarted }) => [
    place,
    policy,
    ...[attacked.tables, attacked.outbound, restarted.tables, restarted.outbound].map(percent),
  ]),
)

const minutes = digits(wallSeconds / 60)
const section = [
  begin,
  networkTable,
  `${networks.length} networks and ${attacks.length} attacks, two processes at a time, in ${minutes} minutes.`,
  ...(sizes.length > 1 ? charts.map(chart) : []),
  ...(attacks.length > 0 ? [attackTable] : []),
  end,
].join('\n\n')

const readme = readFileSync(readmePath, 'utf8')
const [before, rest] = [readme.indexOf(begin), readme.indexOf(end)]
if (before < 0 || rest < before) throw new Error(`${readmePath} has no place for figures`)
writeFileSync(readmePath, readme.slice(0, before) + section + readme.slice(rest + end.length))
