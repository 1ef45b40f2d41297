import { createDiscv4, type Discv4 } from '@ethwire/discv4'
import { beforeAll, describe, expect, test } from 'vitest'
import { devp2p } from '../src/devp2p.ts'
import { startDevp2pListen } from '../src/devp2p-listen.ts'
import { type OurNodes, startOurNodes } from '../src/our-nodes.ts'
import { until } from '../src/until.ts'

type BucketNode = { node: string; live: boolean }

const within = { timeoutMs: 30_000 }
const tester = ['--listen1', '127.0.0.1', '--listen2', '127.0.0.2']

describe("geth's conformance suite of discovery v4", () => {
  let ours: OurNodes

  beforeAll(async () => {
    ours = await startOurNodes(1, 70)
    return () => ours[Symbol.asyncDispose]()
  })

  // Three times at one node: what a test leaves behind must not disturb the next.
  test.each([1, 2, 3])('is passed, all 15 of it, for the %i. time', async () => {
    const { stdout } = await devp2p('discv4', 'test', '--tap', '--remote', ours.enode, ...tester)
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([])
    expect(lines.filter((line) => line.startsWith('ok'))).toHaveLength(15)
  })
})

describe('a node of ours and devp2p discv4 listen', () => {
  const tableOf = (node: Discv4): string[] =>
    node.table().flatMap(({ nodes }) => nodes.filter(({ isLive }) => isLive).map(({ entry }) => entry.nodeIdHex))

  test('find each other, whichever is the bootnode, and exchange records', async () => {
    for (const oursIsFirst of [true, false]) {
      const first = oursIsFirst ? await createDiscv4(listening()) : undefined
      await using theirs = await startDevp2pListen(first === undefined ? {} : { bootnodes: [first.localNode.enode] })
      // A node that has just begun takes in nobody who knocks.
      await first?.ready
      const node = first ?? (await createDiscv4({ ...listening(), bootnodes: [theirs.enode] }))
      try {
        await until(
          'both have the other, alive',
          async () => {
            const buckets = await theirs.rpc<BucketNode[][]>('discv4_buckets')
            const known = buckets.flat().filter(({ live }) => live)
            return known.length === 1 && tableOf(node).length === 1
          },
          within,
        )
        const hasRecord = async () => node.table().some(({ nodes }) => nodes[0]?.entry.enr !== undefined)
        await until('its record is here', hasRecord, within)
        const record = await node.requestEnr(theirs.enode)
        expect(tableOf(node)).toEqual([record.nodeIdHex])
      } finally {
        await node.close()
      }
    }
  })
})

const listening = () => ({ privateKey: crypto.getRandomValues(new Uint8Array(32)), listen: { host: '127.0.0.1' } })
