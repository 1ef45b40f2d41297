// Remember a node that has answered, and the number of the own record.
import { createLocalNode, nodeFromRecord } from '@ethwire/enr'
import { nodeClock } from '@ethwire/io/node'
import { createNodeDatabase } from '@ethwire/nodedb'
import { MemoryLevel } from 'memory-level'

const nodes = await createNodeDatabase(new MemoryLevel())
const self = await createLocalNode({ privateKey: new Uint8Array(32).fill(1), sequenceStore: nodes, clock: nodeClock })
self.setStaticIp('10.0.0.1')

const neighbour = nodeFromRecord(self.record) // in real life somebody else
nodes.putNode(neighbour)
nodes.setLastPong(neighbour.nodeIdHex, '10.0.0.1', nodeClock.now())

const seeds = await nodes.seeds({ count: 30, maxAgeMs: 5 * 24 * 60 * 60 * 1000 })
console.log('to begin with:', seeds[0]?.host, seeds[0]?.record?.text.slice(0, 16))
await nodes.close()
