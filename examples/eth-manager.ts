// Two nodes on loopback: one has a chain of ten empty blocks, the other syncs it, each block checked, into memory.
import { randomBytes } from 'node:crypto'
import { decodeHeader, encodeHeader, genesisBlock, headerHash, hoodi, nextBaseFee } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { createEthManager } from '@ethwire/eth-manager'
import { eth } from '@ethwire/eth-peer'
import { nodeClock as clock } from '@ethwire/io/node'
import { createP2pServer } from '@ethwire/p2p-server'
import { MemoryLevel } from 'memory-level'

const { networkId: network, config } = hoodi
const genesis = genesisBlock(hoodi.genesis)
const chain = await openChainStore({ db: new MemoryLevel(), genesis })
const body = Uint8Array.of(0xc3, 0xc0, 0xc0, 0xc0) // no transactions, ommers, withdrawals
let header = decodeHeader(genesis.header)
for (let number = 1; number <= 10; number++) {
  const link = { number: BigInt(number), parentHash: chain.head().hash, timestamp: header.timestamp + 12n }
  header = { ...header, ...link, difficulty: 0n, nonce: new Uint8Array(8), baseFeePerGas: nextBaseFee(header, config) }
  const bytes = encodeHeader(header)
  await chain.append([{ number, hash: headerHash(bytes), header: bytes, body }])
}
const serving = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'serving/1.0',
  listen: { host: '127.0.0.1', port: 0 },
  protocols: [eth({ network, config, genesis, chain })],
})

const store = await openChainStore({ db: new MemoryLevel(), genesis })
const head = chain.head().hash // 32 bytes from a source that you trust, or 'peers'
const manager = createEthManager({ network, config, genesis, chain: store, store, head, clock })
const syncing = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'my-indexer/1.0',
  staticNodes: [serving.localNode.enode],
  protocols: [manager.protocol],
})
manager.on('peer:offence', ({ peer, offence, detail }) => console.log(peer, offence, detail))
console.log('synced to block', (await manager.synced).number, 'from', syncing.peers()[0]?.clientId)

await manager.close()
await syncing.close()
await serving.close()
