// Two nodes on loopback: the second finds the first by discovery, and each asks the other for headers.
import { randomBytes } from 'node:crypto'
import { genesisBlock, hoodi } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { discv4 } from '@ethwire/discv4'
import { type EthPeer, eth } from '@ethwire/eth-peer'
import { createP2pServer, type P2pServer } from '@ethwire/p2p-server'
import { MemoryLevel } from 'memory-level'

const chain = await openChainStore({ db: new MemoryLevel(), genesis: genesisBlock(hoodi.genesis) })

function startNode(
  clientId: string,
  bootnodes: string[],
  onPeer: (peer: EthPeer) => Promise<void>,
): Promise<P2pServer> {
  return createP2pServer({
    ...{ privateKey: randomBytes(32), clientId, listen: { host: '127.0.0.1', port: 0 }, maxPeers: 50 },
    discovery: [discv4({ bootnodes })],
    protocols: [eth({ network: hoodi, chain, onPeer })],
  })
}

/** What a node does with each of its peers. */
async function askForHeaders(peer: EthPeer): Promise<void> {
  const headers = await peer.getBlockHeaders({ start: 0, count: 192 }, { signal: AbortSignal.timeout(5000) })
  console.log(peer.remote.clientId, `eth/${peer.version}`, headers.length, headers[0]?.header.gasLimit)
}

const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
const bootnode = await startNode('bootnode/1.0', [], (peer) => askForHeaders(peer).then(asked[0].resolve))
const node = await startNode('my-indexer/1.0', [bootnode.localNode.enode], (peer) =>
  askForHeaders(peer).then(asked[1].resolve),
)
await Promise.all(asked.map(({ promise }) => promise))
await Promise.all([node.close(), bootnode.close()])
