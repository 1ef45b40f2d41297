import { lastAnswering } from './contact.ts'
import { type ContactsValue, decodeContacts } from './contacts-value.ts'
import { idOfKey, rangeOf, rowKey } from './keys.ts'
import { asBytes, type NodeStore, type StoreOperation } from './node-store.ts'
import type { StoreHealth } from './store-health.ts'

export interface LoadOptions {
  readonly maxNodes: number
  /** Unix time in milliseconds: no answer is later, whatever the clock said when it was written. */
  readonly now: number
  readonly health: StoreHealth
  onDamaged(id: string, problem: unknown): void
}

export interface LoadedNode extends ContactsValue {
  readonly id: string
}

const pageRows = 1_000

/**
 * Reads when each stored node has answered, the longest silent first. What cannot be read is deleted, and so is what is
 * too much: a store may come from anywhere.
 * @throws what the store throws when it is read
 */
export async function loadContacts(store: NodeStore, options: LoadOptions): Promise<LoadedNode[]> {
  const { maxNodes, now, health, onDamaged } = options
  const { gte, lt } = rangeOf('contacts')
  const nodes: LoadedNode[] = [] // bounded: maxNodes and a page
  for (let from: Uint8Array | undefined = gte; from !== undefined; ) {
    const rows: [Uint8Array, Uint8Array][] = await store.iterator({ gte: from, lt, limit: pageRows, ...asBytes }).all()
    const dropped: StoreOperation[] = []
    for (const [key, value] of rows) {
      const id = idOfKey(key)
      try {
        if (id === undefined) throw new RangeError('the key of a row is no node ID')
        nodes.push({ id, ...withoutFuture(decodeContacts(value), now) })
      } catch (problem) {
        onDamaged(id ?? '', problem)
        dropped.push({ type: 'del', key })
        if (id !== undefined) dropped.push({ type: 'del', key: rowKey('node', id) })
      }
    }
    if (nodes.length > maxNodes) {
      nodes.sort(bySilence)
      const surplus = nodes.splice(0, nodes.length - maxNodes)
      for (const { id } of surplus)
        dropped.push({ type: 'del', key: rowKey('node', id) }, { type: 'del', key: rowKey('contacts', id) })
    }
    if (dropped.length > 0) await store.batch(dropped, asBytes).catch((error: unknown) => health.failed(error))
    const last = rows.length === pageRows ? rows.at(-1)?.[0] : undefined
    from = last === undefined ? undefined : after(last)
  }
  return nodes.sort(bySilence)
}

/** The least key that is greater. */
function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}

function bySilence(a: LoadedNode, b: LoadedNode): number {
  return lastPong(a) - lastPong(b)
}

function lastPong({ contacts }: LoadedNode): number {
  return lastAnswering(contacts)?.lastPongMs ?? 0
}

function withoutFuture(value: ContactsValue, now: number): ContactsValue {
  for (const contact of value.contacts) {
    contact.lastPongMs = Math.min(contact.lastPongMs, now)
    contact.lastPingMs = Math.min(contact.lastPingMs, now)
  }
  return value
}
