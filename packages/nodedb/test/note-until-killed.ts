// Run by kill.test.ts: opens the database that it is given and tells how many nodes are in it; then changes the local
// record without end, telling each sequence number as it is given out, and notes nodes, telling how many are stored.
import { flushCompileCache } from 'node:module'
import { createLocalNode, tcpEntry } from '@ethwire/enr'
import { nodeClock } from '@ethwire/io/node'
import { ClassicLevel } from 'classic-level'
import { createNodeDatabase } from '../src/index.ts'
import { answered, enodeNode, privateKeyOf } from './nodes.ts'

// It would be written at the end, which never comes.
flushCompileCache()
const nodes = await createNodeDatabase(new ClassicLevel(process.argv[2] ?? ''))
const localNode = await createLocalNode({ privateKey: privateKeyOf(0), sequenceStore: nodes, clock: nodeClock })
const tell = (what: string, number: bigint | number): void => void process.stdout.write(`${what} ${number}\n`)
tell('stored', nodes.size)
for (let change = 1; ; change++) {
  localNode.set(tcpEntry, 1_000 + (change % 60_000))
  tell('seq', localNode.seq)
  answered(nodes, enodeNode(nodes.size + 1), Date.now())
  if (change % 4 !== 0) continue
  await nodes.flush()
  tell('stored', nodes.size)
}
