import type { Crypto } from '@ethwire/crypto'

/** The one part of a crypto backend that hashes and roots need. */
export type Hasher = Pick<Crypto, 'keccak256'>
