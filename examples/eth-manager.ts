// Sync the first blocks of the sample chain from a node on loopback, each checked, into memory.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createBlockFileDecoder, genesisBlock, headerHash, parseGenesis } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { createEthManager } from '@ethwire/eth-manager'
import { eth } from '@ethwire/eth-peer'
import { nodeClock as clock } from '@ethwire/io/node'
import { createP2pServer } from '@ethwire/p2p-server'
import { MemoryLevel } from 'memory-level'

const sample = new URL('../apps/node/sample-chain/', import.meta.url)
const { config, ...rest } = parseGenesis(readFileSync(new URL('genesis.json', sample), 'utf8'))
const genesis = genesisBlock({ config, ...rest })
const file = gunzipSync(readFileSync(new URL('chain.rlp.gz', sample)))
const blocks = createBlockFileDecoder().push(file).slice(0, 100)

const full = await openChainStore({ db: new MemoryLevel(), genesis })
await full.append(blocks.map((block, i) => ({ number: i + 1, hash: headerHash(block.header), ...block })))
const empty = await openChainStore({ db: new MemoryLevel(), genesis })
const network = config.chainId
const listen = { host: '127.0.0.1', port: 0 }

await using serving = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'serving/1.0',
  listen,
  protocols: [eth({ network, config, genesis, chain: full })],
})

const head = full.head().hash
await using manager = createEthManager({ network, config, genesis, chain: empty, store: empty, head, clock })
await using syncing = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'syncing/1.0',
  staticNodes: [serving.localNode.enode],
  protocols: [manager.protocol],
})

console.log('synced to block', (await manager.synced).number, 'from', syncing.peers()[0]?.clientId)
