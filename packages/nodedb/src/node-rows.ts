import type { Crypto } from '@ethwire/crypto'
import type { NodeAddress } from '@ethwire/enr'
import type { Clock, Timer } from '@ethwire/io'
import { bytesToHex } from '@noble/hashes/utils.js'
import { encodeContacts } from './contacts-value.ts'
import { idOfKey, rangeOf, rowKey } from './keys.ts'
import type { KnownNode } from './known-nodes.ts'
import { asBytes, type NodeStore, type StoreOperation } from './node-store.ts'
import { decodeNode, encodeNode } from './node-value.ts'
import type { StoreHealth } from './store-health.ts'

export interface NodeRowsOptions {
  /** None: all stays in memory. */
  readonly store: NodeStore | undefined
  readonly known: { get(id: string): KnownNode | undefined }
  readonly clock: Clock
  readonly crypto: Crypto
  readonly health: StoreHealth
  /** A value that is none, or of a node that is not known, was found and will be deleted. */
  onDamaged(id: string, problem: unknown): void
}

/** What `seek` finds: a place in the order of IDs, and the node there unless what is written is damaged. */
interface Found {
  readonly id: string
  readonly node: NodeAddress | undefined
}

/** The rows of nodes: in the store, or on their way there, and all of them in memory where there is none or it fails. */
export interface NodeRows {
  get(id: string): Promise<NodeAddress | undefined>
  put(id: string, node: NodeAddress): void
  /** Its contacts or sequence number have changed. */
  touch(id: string): void
  delete(id: string, isStored: boolean): void
  /** The first node at or after a place in the order of IDs, which is 32 bytes. */
  seek(from: Uint8Array): Promise<Found | undefined>
  /** Writes what is waiting. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** What one batch is made of. */
interface Waiting {
  readonly nodes: readonly (readonly [string, NodeAddress])[]
  readonly touched: readonly string[]
  readonly deleted: readonly string[]
}

/** What a crash of the machine may lose; a node that lived for a minute has all but its last second. */
const flushAfterMs = 1_000
const maxWaiting = 256
const retryMs = 60_000

export function createNodeRows(options: NodeRowsOptions): NodeRows {
  const { store, known, clock, crypto, health, onDamaged } = options
  const nodes = new Map<string, NodeAddress>() // bounded: as the known nodes; waiting to be written, or with no store all
  const touched = new Set<string>() // bounded: as the known nodes
  const deleted = new Set<string>() // bounded: as the known nodes that are stored
  let timer: Timer | undefined
  let writing: Promise<void> | undefined
  let inFlight = new Set<string>() // bounded: as the known nodes; those of the batch that is being written
  let isClosed = false

  const waiting = (): number => Math.max(nodes.size, touched.size) + deleted.size

  const operations = (batch: Waiting): StoreOperation[] => {
    const list: StoreOperation[] = []
    for (const id of batch.deleted)
      list.push({ type: 'del', key: rowKey('node', id) }, { type: 'del', key: rowKey('contacts', id) })
    for (const [id, node] of batch.nodes) {
      try {
        list.push({ type: 'put', key: rowKey('node', id), value: encodeNode(node) })
      } catch (problem) {
        // A node that nobody can have, from whoever called.
        onDamaged(id, problem)
      }
    }
    for (const id of batch.touched) {
      const row = known.get(id)
      if (row !== undefined) list.push({ type: 'put', key: rowKey('contacts', id), value: encodeContacts(row) })
    }
    return list
  }

  const write = async (to: NodeStore): Promise<void> => {
    const batch: Waiting = { nodes: [...nodes], touched: [...touched], deleted: [...deleted] }
    const list = operations(batch)
    inFlight = new Set(batch.touched)
    const isNew = batch.touched.filter((id) => known.get(id)?.isStored === false)
    touched.clear()
    try {
      if (list.length > 0) await to.batch(list, asBytes)
    } catch (error) {
      for (const id of batch.touched) if (known.get(id) !== undefined) touched.add(id)
      // Forgotten meanwhile, and never written: there is nothing to delete.
      for (const id of isNew) if (known.get(id) === undefined) deleted.delete(id)
      health.failed(error)
      return
    } finally {
      inFlight.clear()
    }
    health.worked()
    for (const id of batch.touched) {
      const row = known.get(id)
      if (row !== undefined) row.isStored = true
    }
    // What has changed meanwhile stays.
    for (const [id, node] of batch.nodes) if (nodes.get(id) === node) nodes.delete(id)
    for (const id of batch.deleted) deleted.delete(id)
  }

  const flush = async (): Promise<void> => {
    if (store === undefined) return
    timer?.cancel()
    timer = undefined
    while (writing !== undefined) await writing
    writing = write(store).finally(() => {
      writing = undefined
      if (waiting() > 0) schedule()
    })
    await writing
  }

  const schedule = (): void => {
    if (store === undefined || isClosed) return
    if (health.isWorking && waiting() >= maxWaiting && writing === undefined) {
      void flush()
      return
    }
    timer ??= clock.setTimer(health.isWorking ? flushAfterMs : retryMs, () => {
      timer = undefined
      void flush()
    })
  }

  const read = (id: string, value: Uint8Array): NodeAddress | undefined => {
    if (known.get(id) === undefined) {
      // It has just been forgotten, or its other row is lost.
      deleted.add(id)
      schedule()
      return undefined
    }
    try {
      return decodeNode(id, value, crypto)
    } catch (problem) {
      onDamaged(id, problem)
      return undefined
    }
  }

  const seekStored = async (from: Uint8Array): Promise<{ id: string; value: Uint8Array } | undefined> => {
    if (store === undefined) return undefined
    const range = rangeOf('node', rowKey('node', bytesToHex(from)))
    const [row] = await store.iterator({ ...range, limit: 1, ...asBytes }).all()
    if (row === undefined) return undefined
    const id = idOfKey(row[0])
    if (id !== undefined) return { id, value: row[1] }
    // No row of ours, and in the way of those behind it.
    await store.batch([{ type: 'del', key: row[0] }], asBytes)
    return undefined
  }

  const seekWaiting = (from: string): string | undefined => {
    let first: string | undefined
    for (const id of nodes.keys()) if (id >= from && (first === undefined || id < first)) first = id
    return first
  }

  const touch = (id: string): void => {
    if (store === undefined) return
    touched.add(id)
    schedule()
  }

  return {
    touch,
    async get(id) {
      const node = nodes.get(id)
      if (node !== undefined || store === undefined || deleted.has(id)) return node
      try {
        const value = await store.get(rowKey('node', id), asBytes)
        return value === undefined ? undefined : read(id, value)
      } catch (error) {
        health.failed(error)
        return undefined
      }
    },
    put(id, node) {
      deleted.delete(id)
      nodes.set(id, node)
      touch(id)
    },
    delete(id, isStored) {
      nodes.delete(id)
      touched.delete(id)
      if (store === undefined || !(isStored || inFlight.has(id))) return
      deleted.add(id)
      schedule()
    },
    async seek(from) {
      const memory = seekWaiting(bytesToHex(from))
      let stored: { id: string; value: Uint8Array } | undefined
      try {
        stored = await seekStored(from)
      } catch (error) {
        health.failed(error)
      }
      if (memory !== undefined && (stored === undefined || memory <= stored.id))
        return { id: memory, node: nodes.get(memory) }
      if (stored === undefined) return undefined
      const { id, value } = stored
      return { id, node: deleted.has(id) ? undefined : (nodes.get(id) ?? read(id, value)) }
    },
    flush,
    async close() {
      isClosed = true
      timer?.cancel()
      timer = undefined
      await flush()
    },
  }
}
