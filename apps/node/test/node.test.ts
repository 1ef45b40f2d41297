import { type Metrics, noMetrics, silentLogger } from '@ethwire/io'
import { nodeClock, nodeRandom } from '@ethwire/io/node'
import { createNodeDatabase } from '@ethwire/nodedb'
import { expect, onTestFinished, test } from 'vitest'
import type { NodeLogger } from '../src/log.ts'
import { createNode } from '../src/node.ts'
import { crypto, emptySampleChain, sampleNetwork } from './support.ts'

const listeningSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length

test('a node that cannot be put together leaves no server open', async () => {
  const { store } = await emptySampleChain()
  const network = await sampleNetwork()
  const nodeDatabase = await createNodeDatabase(undefined, { clock: nodeClock, random: nodeRandom })
  onTestFinished(() => nodeDatabase.close())
  const logger: NodeLogger = { ...silentLogger, of: () => silentLogger, close: () => undefined }
  const metrics: Metrics = noMetrics
  const before = listeningSockets()
  let during = before
  const chain = Object.create(store, {
    head: { value: () => store.head() },
    onHead: {
      value: () => {
        during = listeningSockets()
        throw new Error('the store is closed')
      },
    },
  })
  const starting = createNode({
    ...{ chain, network, networkId: network.networkId, nodeDatabase, crypto, logger, metrics, clock: nodeClock },
    ...{ privateKey: new Uint8Array(32).fill(1), clientId: 'test', listen: { host: '127.0.0.1', port: 0 } },
    ...{ staticNodes: [], trustedNodes: [], maxPeers: 1, maxPendingPeers: undefined, netRestrict: undefined },
    ...{ discoveryV5: false, enableMsgEvents: false, nat: undefined, versions: [69], head: undefined, receipts: false },
  })
  await expect(starting).rejects.toThrow('the store is closed')
  expect(during).toBe(before + 1)
  // A closed socket goes with the next turn of the loop.
  await expect.poll(listeningSockets).toBe(before)
})
