// Open a chain in memory and look at its genesis.
import { decodeHeader, genesisBlock, hoodi } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { MemoryLevel } from 'memory-level'

const store = await openChainStore({ db: new MemoryLevel(), genesis: genesisBlock(hoodi.genesis) })
console.log('head:', store.head().number)
const header = await store.headerByNumber(0)
console.log('gas limit:', header && decodeHeader(header).gasLimit)
await store.close()
