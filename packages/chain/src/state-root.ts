import { encodeBytes, encodeList, encodeUint } from '@ethwire/rlp-codec'
import type { Hasher } from './hasher.ts'
import { trieRoot } from './trie.ts'
import { emptyCodeHash } from './well-known.ts'

/** An account that exists from the start. */
export interface GenesisAccount {
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Uint8Array
  /** 32-byte slots and their 32-byte values. */
  readonly storage: readonly (readonly [Uint8Array, Uint8Array])[]
}

/** The state root over accounts by their 20-byte address (Yellow Paper, section 4.1). Empty accounts count. */
export function stateRoot(alloc: readonly (readonly [Uint8Array, GenesisAccount])[], hasher: Hasher): Uint8Array {
  return secureRoot(
    alloc.map(([address, account]) => [address, encodeAccount(account, hasher)]),
    hasher,
  )
}

function encodeAccount({ balance, nonce, code, storage }: GenesisAccount, hasher: Hasher): Uint8Array {
  const slots: [Uint8Array, Uint8Array][] = []
  for (const [slot, value] of storage) {
    const start = value.findIndex((byte) => byte !== 0)
    if (start >= 0) slots.push([slot, encodeBytes(value.subarray(start))])
  }
  const codeHash = code.length === 0 ? emptyCodeHash : hasher.keccak256(code)
  return encodeList([
    encodeUint(nonce),
    encodeUint(balance),
    encodeBytes(secureRoot(slots, hasher)),
    encodeBytes(codeHash),
  ])
}

/** A trie whose keys are hashed first. */
function secureRoot(entries: readonly (readonly [Uint8Array, Uint8Array])[], hasher: Hasher): Uint8Array {
  const hashed = entries.map(([key, value]) => ({ key: hasher.keccak256(key), value }))
  hashed.sort((a, b) => compareBytes(a.key, b.key))
  return trieRoot({ keys: hashed.map(({ key }) => key), values: hashed.map(({ value }) => value) }, hasher)
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
