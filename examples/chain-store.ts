// Open a chain in memory and look at its genesis.
import { decodeHeader, genesisBlock, hoodi } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { MemoryLevel } from 'memory-level'

const genesis = genesisBlock(hoodi.genesis)
await using store = await openChainStore({ db: new MemoryLevel(), genesis })
const header = await store.headerByNumber(0)
console.log(store.head().number, header && decodeHeader(header).gasLimit)
