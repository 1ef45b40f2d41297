// Run by kill.test.ts on a data directory: loads the node key, opens the node database, and tells the node ID; then
// changes the local record without end, telling each sequence number as it is given out, and notes nodes.
import { flushCompileCache } from 'node:module'
import { pureCrypto } from '@ethwire/crypto'
import { createLocalNode, nodeFromEnode, tcpEntry } from '@ethwire/enr'
import { silentLogger } from '@ethwire/io'
import { nodeClock, nodeRandom } from '@ethwire/io/node'
import { openNodeDatabase } from '../src/node-database.ts'
import { loadNodeKey } from '../src/node-key.ts'

// It would be written at the end, which never comes.
flushCompileCache()
const [, , datadir = ''] = process.argv
const privateKey = await loadNodeKey({ datadir }, pureCrypto)
const nodes = await openNodeDatabase(datadir, { clock: nodeClock, random: nodeRandom, logger: silentLogger })
const localNode = await createLocalNode({ privateKey, sequenceStore: nodes, clock: nodeClock })
const tell = (what: string, value: string | bigint): void => void process.stdout.write(`${what} ${value}\n`)
tell('id', localNode.nodeIdHex)
for (let change = 0; ; change++) {
  localNode.set(tcpEntry, 1_000 + (change % 60_000))
  tell('seq', localNode.seq)
  const publicKey = pureCrypto.publicKey(nodeRandom.bytes(32))
  const node = nodeFromEnode({ publicKey, host: '127.0.0.1', tcpPort: 30303, udpPort: 30303 })
  nodes.setLastPong(node.nodeIdHex, '127.0.0.1', nodeClock.now())
  nodes.putNode(node)
  if (change % 3 === 0) await nodes.flush()
}
