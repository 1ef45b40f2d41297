// Two nodes on loopback: one serves its chain, the other asks for the first header.
import { randomBytes } from 'node:crypto'
import { genesisBlock, hoodi } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { type EthPeer, eth } from '@ethwire/eth-peer'
import { createP2pServer } from '@ethwire/p2p-server'
import { MemoryLevel } from 'memory-level'

const chain = await openChainStore({ db: new MemoryLevel(), genesis: genesisBlock(hoodi.genesis) })

const serving = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'serving/1.0',
  listen: { host: '127.0.0.1', port: 0 },
  protocols: [eth({ network: hoodi, chain })],
})

const found = Promise.withResolvers<EthPeer>()
const asking = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'my-indexer/1.0',
  staticNodes: [serving.localNode.enode],
  protocols: [eth({ network: hoodi, chain, onPeer: found.resolve })],
})

const peer = await found.promise
const headers = await peer.getBlockHeaders({ start: 0, count: 192 }, { signal: AbortSignal.timeout(5000) })
console.log(peer.remote.clientId, `eth/${peer.version}`, headers.length, headers[0]?.header.gasLimit)
await asking.close()
await serving.close()
