// Whom a node with room for two dialled peers would dial, out of two lists.
import { createDialScheduler, filterNodes } from '@ethwire/dialer'
import { type NodeAddress, nodeFromEnode } from '@ethwire/enr'
import { sleep } from '@ethwire/io'
import { nodeClock as clock, nodeRandom as random } from '@ethwire/io/node'

async function* listed(name: string, subnet: string): AsyncGenerator<NodeAddress> {
  for (let n = 1; n <= 8; n++) {
    const publicKey = random.bytes(64)
    yield nodeFromEnode({ publicKey, host: `${subnet}.${n}`, tcpPort: 30303, udpPort: 30303 })
  }
  console.log(name, 'has no more')
}

const even = filterNodes(listed('one', '10.0.1'), ({ host }) => Number(host?.at(-1)) % 2 === 0, { clock })
const dialer = createDialScheduler({
  clock,
  random,
  self: '00'.repeat(32),
  maxDialed: 2,
  sources: [even, listed('two', '10.0.2')],
  dial: async ({ host, nodeIdHex }) => {
    console.log('dialling', host)
    if (host?.endsWith('6')) dialer.peerAdded({ nodeIdHex, dialed: true })
    return host?.endsWith('6') ? 'connected' : 'unreachable'
  },
})

await sleep(clock, 500)
console.log(dialer.state().dialedPeers, 'peers')
await dialer.close()
