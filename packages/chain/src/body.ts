import { equalBytes, pureCrypto } from '@ethwire/crypto'
import { encodeList, listItems } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'
import type { Hasher } from './hasher.ts'
import type { Header } from './header.ts'
import { orderedRoot } from './ordered-root.ts'
import { guardRlp } from './rlp-guard.ts'
import { transactionEnvelope } from './transaction-bytes.ts'
import { emptyListHash, emptyRoot } from './well-known.ts'

/** A body taken apart; everything is a view into its bytes, nothing inside the items has been looked at. */
export interface BodyParts {
  /** As they stand in the list: legacy ones are RLP lists, typed ones byte strings around their envelope. */
  readonly transactions: readonly Uint8Array[]
  /** The whole list of ommer headers, as one RLP item. */
  readonly ommers: Uint8Array
  /** RLP items; absent before Shanghai. */
  readonly withdrawals?: readonly Uint8Array[]
}

/** More do not fit into a block: a transaction costs at least 4,500 gas. */
export const maxTransactions = 65_536
/** A protocol constant is 16; private networks may have more. */
const maxWithdrawals = 65_536

/**
 * Takes apart the body `[transactions, ommers, withdrawals?]` of eth's BlockBodies.
 * @throws ChainError `CHAIN_RLP`
 */
export function splitBody(body: Uint8Array): BodyParts {
  return guardRlp('body', () => {
    const parts = listItems(body, 3)
    const [transactions, ommers, withdrawals] = parts
    if (transactions === undefined || ommers === undefined) {
      throw new ChainError(
        'CHAIN_RLP',
        `body: expected transactions, ommers and perhaps withdrawals, got ${parts.length}`,
      )
    }
    const common = { transactions: listItems(transactions, maxTransactions), ommers }
    return withdrawals === undefined ? common : { ...common, withdrawals: listItems(withdrawals, maxWithdrawals) }
  })
}

/** Puts a body together from its parts; the inverse of `splitBody`. */
export function encodeBody(parts: BodyParts): Uint8Array {
  const lists = [encodeList(parts.transactions), parts.ommers]
  if (parts.withdrawals !== undefined) lists.push(encodeList(parts.withdrawals))
  return encodeList(lists)
}

/** The root of transactions as a body holds them. @throws ChainError `CHAIN_RLP` */
export function transactionsRoot(transactions: readonly Uint8Array[], crypto: Hasher = pureCrypto): Uint8Array {
  return orderedRoot(
    transactions.map((item) => transactionEnvelope(item)),
    crypto,
  )
}

/** The root of withdrawals as a body holds them (EIP-4895). */
export function withdrawalsRoot(withdrawals: readonly Uint8Array[], crypto: Hasher = pureCrypto): Uint8Array {
  return orderedRoot(withdrawals, crypto)
}

type BodyRoots = Pick<Header, 'transactionsRoot' | 'ommersHash' | 'withdrawalsRoot'>

/**
 * Checks that a body is the one its header commits to, and returns its parts. What a header commits to is not checked
 * further: transactions are not decoded, ommers not verified.
 * @throws ChainError `CHAIN_RLP`, `CHAIN_TRANSACTIONS_ROOT`, `CHAIN_OMMERS_HASH`, `CHAIN_WITHDRAWALS_ROOT`
 */
export function verifyBody(header: BodyRoots, body: Uint8Array | BodyParts, crypto: Hasher = pureCrypto): BodyParts {
  const parts = body instanceof Uint8Array ? splitBody(body) : body
  const { transactions, ommers, withdrawals } = parts
  if (
    !equalBytes(transactions.length === 0 ? emptyRoot : transactionsRoot(transactions, crypto), header.transactionsRoot)
  ) {
    throw new ChainError('CHAIN_TRANSACTIONS_ROOT', 'the transactions are not those of the header')
  }
  const noOmmers = ommers.length === 1 && ommers[0] === 0xc0
  if (!equalBytes(noOmmers ? emptyListHash : crypto.keccak256(ommers), header.ommersHash)) {
    throw new ChainError('CHAIN_OMMERS_HASH', 'the ommers are not those of the header')
  }
  if ((withdrawals === undefined) !== (header.withdrawalsRoot === undefined)) {
    throw new ChainError('CHAIN_WITHDRAWALS_ROOT', 'withdrawals and their root must come together')
  }
  if (withdrawals !== undefined && header.withdrawalsRoot !== undefined) {
    const root = withdrawals.length === 0 ? emptyRoot : withdrawalsRoot(withdrawals, crypto)
    if (!equalBytes(root, header.withdrawalsRoot)) {
      throw new ChainError('CHAIN_WITHDRAWALS_ROOT', 'the withdrawals are not those of the header')
    }
  }
  return parts
}
