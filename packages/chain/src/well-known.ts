import { hexToBytes } from '@noble/hashes/utils.js'

/** Root of a trie without entries: no transactions, receipts, withdrawals or storage. keccak(rlp('')). */
export const emptyRoot: Uint8Array = hexToBytes('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
/** Hash of no ommers, and of an empty block access list (EIP-7928). keccak(rlp([])). */
export const emptyListHash: Uint8Array = hexToBytes('1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347')
/** Hash of no code. keccak(''). */
export const emptyCodeHash: Uint8Array = hexToBytes('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
/** Hash of no execution requests (EIP-7685). sha256(''). */
export const emptyRequestsHash: Uint8Array = hexToBytes(
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
)
