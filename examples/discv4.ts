// Who else is there? Two nodes know a third, and so find each other.
import { randomBytes } from 'node:crypto'
import { createDiscv4 } from '@ethwire/discv4'

const listen = { host: '127.0.0.1', port: 0 }
const bootnode = await createDiscv4({ privateKey: randomBytes(32), listen })
await bootnode.ready
const bootnodes = [bootnode.localNode.enode]
const alice = await createDiscv4({ privateKey: randomBytes(32), listen, bootnodes })
await alice.ready
const bob = await createDiscv4({ privateKey: randomBytes(32), listen, bootnodes })

for await (const node of bob.randomNodes({ signal: AbortSignal.timeout(20_000) })) {
  console.log(node.enr)
  if (node.nodeIdHex === alice.localNode.nodeIdHex) break
}
const { rttMs } = await bob.ping(alice.localNode.enode)
console.log(`alice answers in ${rttMs.toFixed(1)} ms`)
for (const node of [bob, alice, bootnode]) await node.close()
