// A public network's genesis, and the fork ID that its nodes compare in their handshake.
import { decodeHeader, forkId, genesisBlock, headerHash, hoodi } from '@ethwire/chain'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const genesis = genesisBlock(hoodi.genesis) // or parseGenesis(the text of a genesis.json)
const { stateRoot, timestamp } = decodeHeader(genesis.header)
console.log('genesis:', hex(headerHash(genesis.header)), 'state:', hex(stateRoot))

const { hash, next } = forkId(hoodi.config, { hash: genesis.hash, timestamp }, { number: 0n, timestamp })
console.log('fork ID:', hex(hash), 'next fork at', next)
