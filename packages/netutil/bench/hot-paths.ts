// What is done for every packet and every node that goes into a table: `node --conditions=@ethwire/source bench/hot-paths.ts`.
import {
  bucketSubnetRules,
  createSubnetLimits,
  createTokenBuckets,
  isLan,
  parseIp,
  parseNetlist,
  relayRefusal,
  tableSubnetRules,
} from '../src/index.ts'

const count = 8192

function nanoseconds(work: (index: number) => void): string {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 40; round++) {
    const start = performance.now()
    for (let index = 0; index < count; index++) work(index)
    best = Math.min(best, ((performance.now() - start) * 1e6) / count)
  }
  return `${best.toFixed(0).padStart(5)} ns`
}

const ip4 = Array.from({ length: count }, (_, n) => `${20 + (n & 31)}.${(n >> 5) & 255}.${n & 255}.${1 + (n % 250)}`)
const ip6 = Array.from(
  { length: count },
  (_, n) => `2a00:${(n & 255).toString(16)}:${n.toString(16)}:1::${1 + (n % 9)}`,
)
const netlist = parseNetlist('10.0.0.0/8,192.168.0.0/16,20.0.0.0/6,2a00::/16')

for (const [family, ips] of [
  ['IPv4', ip4],
  ['IPv6', ip6],
] as const) {
  const ip = (index: number): string => ips[index] as string
  console.log(`${family}: parseIp                                   ${nanoseconds((index) => void parseIp(ip(index)))}`)
  console.log(`${family}: isLan                                     ${nanoseconds((index) => void isLan(ip(index)))}`)
  const relayed = nanoseconds((index) => void relayRefusal(ip(0), ip(index)))
  console.log(`${family}: relayRefusal                              ${relayed}`)
  const listed = nanoseconds((index) => void netlist.contains(ip(index)))
  console.log(`${family}: netlist of 4, contains                    ${listed}`)

  const table = createSubnetLimits({ rules: tableSubnetRules })
  const bucket = createSubnetLimits({ rules: bucketSubnetRules })
  const added = nanoseconds((index) => {
    // A table in which 256 stand, one leaves for each that comes.
    if (table.size > 256) table.remove(ip((index + count - 256) % count))
    table.add(ip(index))
  })
  console.log(`${family}: limits of a table, add and remove         ${added}`)
  const both = nanoseconds((index) => {
    if (bucket.add(ip(index)) !== undefined) return
    if (table.add(ip(index)) === undefined) table.remove(ip(index))
    bucket.remove(ip(index))
  })
  console.log(`${family}: of bucket and table, add and remove       ${both}`)

  const flooded = createTokenBuckets({ capacity: 100, refillPerSecond: 20 })
  flooded.charge(ip(0), 0, 200)
  const refused = nanoseconds(() => void flooded.available(ip(0), 0))
  console.log(`${family}: buckets, one sender over its budget       ${refused}`)
  const known = createTokenBuckets({ capacity: 100, refillPerSecond: 20 })
  const charged = nanoseconds((index) => {
    if (known.available(ip(index), index)) known.charge(ip(index), index)
  })
  console.log(`${family}: buckets, 8,192 senders, ask and charge    ${charged}`)
  const small = createTokenBuckets({ capacity: 100, refillPerSecond: 20, maxKeys: 1024 })
  const forged = nanoseconds((index) => {
    if (small.available(ip(index), index)) small.charge(ip(index), index)
  })
  console.log(`${family}: buckets, each sender evicts another       ${forged}`)
}
