import { decode, encode, fixedBytes, type Schema, struct, u64 } from '@ethwire/rlp-codec'
import { guardRlp } from './rlp-guard.ts'

/** EIP-4895. */
export interface Withdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  /** 20 bytes. */
  readonly address: Uint8Array
  /** In Gwei. */
  readonly amount: bigint
}

const withdrawalSchema: Schema<Withdrawal> = struct({
  index: u64,
  validatorIndex: u64,
  address: fixedBytes(20),
  amount: u64,
})

/** Reads a withdrawal as it stands in a body. @throws ChainError `CHAIN_RLP` */
export function decodeWithdrawal(item: Uint8Array): Withdrawal {
  return guardRlp('withdrawal', () => decode(withdrawalSchema, item))
}

/** @throws RangeError for values that fit no withdrawal */
export function encodeWithdrawal(withdrawal: Withdrawal): Uint8Array {
  return encode(withdrawalSchema, withdrawal)
}
