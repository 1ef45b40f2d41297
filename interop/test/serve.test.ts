import { describe, expect, test } from 'vitest'
import { headHash, height } from '../src/compare.ts'
import { importChain, startEthwire } from '../src/ethwire-process.ts'
import { startGeth } from '../src/geth.ts'
import { gethTestChain, sampleChain } from '../src/paths.ts'
import { until } from '../src/until.ts'

const chains = [
  { name: "geth's test chain", ...gethTestChain(), head: 600 },
  { name: 'the sample chain', ...sampleChain, head: 1200 },
]

describe('a geth that knows only our node', () => {
  for (const { name, head, ...chain } of chains) {
    test.each([69, 70])(`executes ${name} to the head, served over eth/%i`, async (version) => {
      const datadir = await importChain(chain.genesis, chain.networkId, chain.chain)
      await using node = await startEthwire({ ...chain, datadir, versions: [version] })
      expect(await height(node.rpc)).toBe(head)
      const target = await headHash(node.rpc)

      const { genesis, networkId } = chain
      await using geth = await startGeth({ genesis, networkId, args: ['--syncmode', 'full', '--synctarget', target] })
      expect(await geth.rpc('admin_addPeer', node.enode)).toBe(true)
      const executed = async (): Promise<boolean> => (await height(geth.rpc)) === head
      await until(`geth is at block ${head}`, executed, { timeoutMs: 90_000 })
      expect(await headHash(geth.rpc)).toBe(target)

      const peers = await geth.rpc<{ id: string; protocols: { eth: { version: number } } }[]>('admin_peers')
      expect(peers.map((peer) => [peer.id, peer.protocols.eth.version])).toEqual([[node.id, version]])
      await node.stop()
    })
  }
})
