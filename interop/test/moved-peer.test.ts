import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDevp2pListen } from '../src/devp2p-listen.ts'
import { startEthwire } from '../src/ethwire-process.ts'
import { startGeth } from '../src/geth.ts'
import { sampleChain } from '../src/paths.ts'
import { peerOf } from '../src/peer-lists.ts'
import { temporaryDirectory } from '../src/resources.ts'
import { until } from '../src/until.ts'

const { genesis, networkId } = sampleChain

/** geth has no flag for it. */
function configThatDialsNobody(): string {
  const file = join(temporaryDirectory('config'), 'geth.toml')
  writeFileSync(file, '[Node.P2P]\nNoDial = true\n')
  return file
}

test('a geth with the same key on another port is found again through discovery, as a static node and as any other', async () => {
  await using bootnode = await startDevp2pListen()
  const discovery = { bootnodes: [bootnode.enode] }
  const nodekey = '5e'.repeat(32)
  // It leaves dialling to us: whoever is its peer has found it.
  const args = ['--syncmode', 'full', '--config', configThatDialsNobody()]
  await using before = await startGeth({ genesis, networkId, discovery, nodekey, args })
  await using told = await startEthwire({ genesis, networkId, discovery, staticnodes: [before.enode] })
  await using finding = await startEthwire({ genesis, networkId, discovery })
  for (const node of [told, finding]) {
    await until('geth has us as a peer', () => peerOf(before.rpc, node.id), { timeoutMs: 90_000 })
  }
  await before.stop()

  const { datadir } = before
  await using after = await startGeth({ genesis, networkId, discovery, nodekey, args, datadir })
  expect(after.id).toBe(before.id)
  expect(after.p2pPort).not.toBe(before.p2pPort)
  const started = performance.now()
  const waits = [told, finding].map(async (node) => {
    const { network } = await until('it has geth', () => peerOf(node.rpc, after.id), { timeoutMs: 120_000 })
    expect(network).toMatchObject({
      inbound: false,
      static: node === told,
      remoteAddress: `127.0.0.1:${after.p2pPort}`,
    })
    return Math.round((performance.now() - started) / 1000)
  })
  const [asStatic, asAny] = await Promise.all(waits)
  console.log(`A geth on another port was found again after ${asStatic} s as a static node, ${asAny} s as any other.`)
  for (const node of [told, finding]) await node.stop()
})
