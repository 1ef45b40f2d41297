import { encodeList, readItem } from '@ethwire/rlp-codec'
import { ChainError } from './errors.ts'
import { guardRlp } from './rlp-guard.ts'
import { headerSize, writeHeader } from './trie.ts'

/** A block as two items: its header and its body `[transactions, ommers, withdrawals?]`. */
export interface BlockParts {
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** Transactions, ommers, withdrawals. */
const maxBodyItems = 3

/**
 * Takes a block `[header, transactions, ommers, withdrawals?]` apart. The header is a view; the body is new bytes, since
 * it gets a list header of its own. Neither is looked into. What follows the withdrawals is left out: geth's export may
 * have the block's access list there (EIP-7928), which is no part of the body.
 * @throws ChainError `CHAIN_RLP`
 */
export function splitBlock(block: Uint8Array): BlockParts {
  const { header, rest } = guardRlp('block', () => {
    const outer = readItem(block)
    if (outer.kind !== 'list' || outer.end !== block.length)
      throw new ChainError('CHAIN_RLP', 'block: expected one list')
    const first = readItem(block, outer.payloadStart, outer.end)
    let end = first.end
    for (let items = 0; items < maxBodyItems && end < outer.end; items++) end = readItem(block, end, outer.end).end
    return { header: block.subarray(first.start, first.end), rest: block.subarray(first.end, end) }
  })
  const body = new Uint8Array(headerSize(rest.length) + rest.length)
  body.set(rest, writeHeader(body, 0, 0xc0, rest.length))
  return { header, body }
}

/** The inverse of `splitBlock`. */
export function encodeBlock({ header, body }: BlockParts): Uint8Array {
  const { payloadStart } = guardRlp('body', () => readItem(body))
  return encodeList([header, body.subarray(payloadStart)])
}
