import type { Discv4 } from '@ethwire/discv4'
import { type NodeAddress, nodeIdFromPublicKey, parseNode } from '@ethwire/enr'
import { nodeRandom } from '@ethwire/io/node'
import { expect, test } from 'vitest'
import { type Devp2pListen, startDevp2pListen } from '../src/devp2p-listen.ts'
import { startOurNodes } from '../src/our-nodes.ts'
import { until } from '../src/until.ts'

const theirCount = 5
const ourCount = 25
const targetCount = 200

/** Whether `a` is nearer to the target than `b`: all are node IDs. */
function isNearer(target: Uint8Array, a: Uint8Array, b: Uint8Array): boolean {
  for (const [index, byte] of target.entries()) {
    const [toA, toB] = [byte ^ a[index]!, byte ^ b[index]!]
    if (toA !== toB) return toA < toB
  }
  return false
}

const knownTo = (node: Discv4): number => node.table().reduce((sum, bucket) => sum + bucket.nodes.length, 0)

test('25 nodes of ours and 5 of geth are one network: lookups cross it and find who is nearest', async () => {
  await using first = await startDevp2pListen()
  const theirs: Devp2pListen[] = [first]
  await using stack = new AsyncDisposableStack()
  for (let index = 1; index < theirCount; index++) {
    theirs.push(stack.use(await startDevp2pListen({ bootnodes: [first.enode] })))
  }
  await using ours = await startOurNodes(ourCount, 33, first.enode)
  const everyone: NodeAddress[] = [
    ...theirs.map(({ enode }) => parseNode(enode)),
    ...ours.nodes.map(({ localNode }) => localNode.address),
  ]
  const theirIds = new Set(everyone.slice(0, theirCount).map(({ nodeIdHex }) => nodeIdHex))
  expect(new Set(everyone.map(({ nodeIdHex }) => nodeIdHex)).size).toBe(theirCount + ourCount)

  // A geth that is a bootnode takes nobody in before its table is ready, and checks whom it has before it tells of them.
  const isSettled = async (): Promise<boolean> => {
    await Promise.all(ours.nodes.map((node) => node.lookup(nodeRandom.bytes(64))))
    return ours.nodes.every((node) => knownTo(node) >= (theirCount + ourCount) * 0.6)
  }
  await until('each has most of the others in its table', isSettled, { timeoutMs: 90_000, intervalMs: 500 })

  let nearest = 0
  let [foundTheirs, foundOurs] = [0, 0]
  for (let index = 0; index < targetCount; index++) {
    const node = ours.nodes[index % ourCount]!
    const target = nodeRandom.bytes(64)
    const targetId = nodeIdFromPublicKey(target)
    const others = everyone.filter(({ nodeIdHex }) => nodeIdHex !== node.localNode.nodeIdHex)
    const wanted = others.reduce((best, other) => (isNearer(targetId, other.nodeId, best.nodeId) ? other : best))
    const found = await node.lookup(target)
    if (found[0]?.nodeIdHex === wanted.nodeIdHex) nearest++
    if (found.some(({ nodeIdHex }) => theirIds.has(nodeIdHex))) foundTheirs++
    if (found.some(({ nodeIdHex }) => !theirIds.has(nodeIdHex))) foundOurs++
  }
  console.log(`${nearest} of ${targetCount} lookups found the nearest of all; ${foundTheirs} found nodes of geth.`)
  expect(nearest / targetCount).toBeGreaterThanOrEqual(0.99)
  expect(foundTheirs).toBeGreaterThan(0)
  expect(foundOurs).toBe(targetCount)

  const walks = await Promise.all(theirs.map(({ rpc }) => rpc<string[]>('discv4_lookupRandom', 24)))
  for (const texts of walks) {
    const ids = texts.map((text) => parseNode(text).nodeIdHex)
    expect(ids.some((id) => theirIds.has(id))).toBe(true)
    expect(ids.some((id) => !theirIds.has(id))).toBe(true)
  }
})
