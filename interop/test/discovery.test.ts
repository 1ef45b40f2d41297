import { describe, expect, test } from 'vitest'
import { startDevp2pListen } from '../src/devp2p-listen.ts'
import { type Ethwire, type EthwireOptions, startEthwire } from '../src/ethwire-process.ts'
import { type Geth, startGeth } from '../src/geth.ts'
import { sampleChain } from '../src/paths.ts'
import { peerOf } from '../src/peer-lists.ts'
import { temporaryDirectory } from '../src/resources.ts'
import { until } from '../src/until.ts'

const { genesis, networkId } = sampleChain

const startOurs = (bootnodes: readonly string[], options: Partial<EthwireOptions> = {}): Promise<Ethwire> =>
  startEthwire({ genesis, networkId, discovery: { bootnodes }, ...options })

const startTheirs = (bootnodes: readonly string[]): Promise<Geth> =>
  startGeth({ genesis, networkId, discovery: { bootnodes } })

/** Each has the other among its peers, and nobody named it to either. */
async function untilPeers(ours: Ethwire, geth: Geth): Promise<void> {
  const theirs = await until('geth has us as a peer', () => peerOf(geth.rpc, ours.id), { timeoutMs: 90_000 })
  const mine = await until('we have geth as a peer', () => peerOf(ours.rpc, geth.id), { timeoutMs: 10_000 })
  expect([theirs.network.static, mine.network.static]).toEqual([false, false])
  expect(theirs.network.inbound).toBe(!mine.network.inbound)
}

describe('geth and ethwire find each other, each told only the bootnode', () => {
  test('which is ours', async () => {
    await using bootnode = await startOurs([], { args: ['--maxpeers', '0'] })
    await using geth = await startTheirs([bootnode.enode])
    await using ours = await startOurs([bootnode.enode])
    await untilPeers(ours, geth)
    await ours.stop()
    await bootnode.stop()
  })

  test('which is geth’s devp2p discv4 listen', async () => {
    await using bootnode = await startDevp2pListen()
    await using geth = await startTheirs([bootnode.enode])
    await using ours = await startOurs([bootnode.enode])
    await untilPeers(ours, geth)
    await ours.stop()
  })
})

describe('the node database', () => {
  test('brings a node back to its peers without bootnodes after SIGKILL', async () => {
    await using first = await startOurs([])
    await using second = await startOurs([first.enode])
    await using node = await startOurs([first.enode], { datadir: temporaryDirectory('node') })
    for (const other of [first, second]) {
      await until('it has found them all', () => peerOf(node.rpc, other.id), { timeoutMs: 50_000 })
    }
    await node.kill()
    for (const other of [first, second]) {
      await until('they have noticed', async () => !(await peerOf(other.rpc, node.id)), { timeoutMs: 40_000 })
    }

    const started = performance.now()
    await node.restart({ discovery: { bootnodes: [] } })
    const peers = async (): Promise<boolean> => (await peerOf(node.rpc, first.id)) !== undefined
    await until('it is among its peers again', peers, { timeoutMs: 10_000 })
    console.log(
      `A killed node had a peer again ${Math.round(performance.now() - started)} ms after its start was begun.`,
    )
    await node.stop()
  })
})
