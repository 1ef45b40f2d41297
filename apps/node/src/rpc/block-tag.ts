import { parseHexBytes } from './hex.ts'
import { expectArgument } from './methods.ts'
import { rpcError } from './rpc-error.ts'

/** Which block a caller means. */
export type BlockReference =
  | { readonly kind: 'tag'; readonly tag: BlockTag }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'hash'; readonly hash: Uint8Array }

const tags = ['latest', 'earliest', 'pending', 'safe', 'finalized'] as const
/** geth's numbers are signed. */
const maxNumber = 2n ** 63n - 1n

type BlockTag = (typeof tags)[number]

/** A tag, or a number in hex without leading zeros. @throws JSONRPCErrorException -32602, in geth's words */
export function parseBlockNumber(value: unknown): BlockReference {
  expectArgument(value, 0)
  if (typeof value !== 'string') throw rpcError('params', 'invalid argument 0: a block number is a string')
  const tag = tags.find((known) => known === value)
  if (tag !== undefined) return { kind: 'tag', tag }
  const fail = (problem: string): never => {
    throw rpcError('params', `invalid argument 0: ${problem}`)
  }
  if (value === '') return fail('empty hex string')
  if (!value.startsWith('0x') && !value.startsWith('0X')) return fail('hex string without 0x prefix')
  if (value.length === 2) return fail('hex string "0x"')
  if (value.length > 18) return fail('hex number > 64 bits')
  if (!/^0x[0-9a-f]+$/i.test(value)) return fail('invalid hex string')
  if (value.length > 3 && value[2] === '0') return fail('hex number with leading zero digits')
  if (BigInt(value) > maxNumber) return fail('block number larger than int64')
  const number = Number(value)
  // No chain gets there: it is a block that does not exist.
  return { kind: 'number', number: Number.isSafeInteger(number) ? number : Number.MAX_SAFE_INTEGER }
}

/** Also a hash, bare or as `{ blockHash }`, or `{ blockNumber }` (EIP-1898). @throws JSONRPCErrorException -32602 */
export function parseBlockNumberOrHash(value: unknown): BlockReference {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { blockHash, blockNumber } = value as Record<string, unknown>
    if (blockHash !== undefined && blockNumber !== undefined) {
      throw rpcError(
        'params',
        'invalid argument 0: cannot specify both BlockHash and BlockNumber, choose one or the other',
      )
    }
    return blockHash === undefined ? parseBlockNumber(blockNumber) : { kind: 'hash', hash: parseBlockHash(blockHash) }
  }
  if (typeof value === 'string' && value.length === 66) return { kind: 'hash', hash: parseBlockHash(value) }
  return parseBlockNumber(value)
}

/** @throws JSONRPCErrorException -32602 */
export function parseBlockHash(value: unknown): Uint8Array {
  expectArgument(value, 0)
  const hash = typeof value === 'string' ? parseHexBytes(value, 32) : undefined
  if (hash === undefined) throw rpcError('params', 'invalid argument 0: expected a block hash, 0x and 64 hex digits')
  return hash
}
