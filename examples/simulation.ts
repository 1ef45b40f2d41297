// A network of discovery nodes in virtual time: a quarter of an hour in a second, the same every time.
import { createSimulation, measureLookups } from '@ethwire/simulation'

const net = createSimulation({ seed: 42, nodes: 25, latencyMs: [20, 120], lossPercent: 2 })
await net.run({ minutes: 5 })
console.log(`${net.reachable()} of 25 nodes can be found`)

net.network.partition((ip) => Number(ip.split('.')[2]) % 2) // half of them no longer hear the others
await net.run({ minutes: 5 })
net.network.heal()
await net.run({ minutes: 2 })
const { trueClosestShare, meanHops } = await measureLookups(net, { count: 25 })
console.log(`${trueClosestShare * 100} % of lookups find the nearest node, in ${meanHops} hops`)
await net.close()
