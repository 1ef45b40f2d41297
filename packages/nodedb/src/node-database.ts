import { pureCrypto } from '@ethwire/crypto'
import type { NodeAddress } from '@ethwire/enr'
import { noMetrics, silentLogger, webRandom } from '@ethwire/io'
import { nodeClock } from '@ethwire/io/node'
import { type Contact, contactOf, ensureContact, lastAnswering } from './contact.ts'
import { NodeDatabaseError } from './errors.ts'
import { createKnownNodes, type KnownNode } from './known-nodes.ts'
import { loadContacts } from './loading.ts'
import { createNodeRows } from './node-rows.ts'
import type { NodeStore } from './node-store.ts'
import { openError, openStore } from './opening.ts'
import { pickSeeds } from './seeds.ts'
import { createSequenceNumbers } from './sequence-numbers.ts'
import { createStoreHealth } from './store-health.ts'
import { createStrangers } from './strangers.ts'
import type { NodeDatabase, NodeDatabaseOptions } from './types.ts'

/** geth's figures: who is silent for a day is forgotten, looked after once an hour. */
const expireAfterMs = 24 * 60 * 60 * 1000
const expireEveryMs = 60 * 60 * 1000

/**
 * Opens a node database on any abstract-level 3 store: a `ClassicLevel`, a `MemoryLevel`, a sublevel. Without a store it
 * is in memory. The store belongs to it from now on, and is closed by `close`, or if this throws.
 *
 * @throws NodeDatabaseError
 *
 * @example
 * import { parseNode } from '@ethwire/enr'
 * import { createNodeDatabase } from '@ethwire/nodedb'
 *
 * const nodes = await createNodeDatabase()
 * const node = parseNode(`enode://${'1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace243' +
 *   '51232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439'}@10.0.0.1:30303`)
 * nodes.setLastPong(node.nodeIdHex, '10.0.0.1', Date.now())
 * nodes.putNode(node)
 * console.log(nodes.size, (await nodes.seeds({ count: 30, maxAgeMs: 5 * 24 * 3600_000 })).length) // 1 1
 * await nodes.close()
 */
export async function createNodeDatabase(store?: NodeStore, options: NodeDatabaseOptions = {}): Promise<NodeDatabase> {
  const {
    maxNodes = 8_192,
    maxNodesPerSubnet = 16,
    crypto = pureCrypto,
    clock = nodeClock,
    random = webRandom,
    logger = silentLogger,
    metrics = noMetrics,
  } = options
  for (const [name, count] of Object.entries({ maxNodes, maxNodesPerSubnet })) {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new RangeError(`${name}: expected a whole number from 1, got ${count}`)
  }
  const health = createStoreHealth(logger, metrics)
  const sizeGauge = metrics.gauge('nodedb/nodes')
  const damagedCounter = metrics.counter('nodedb/damaged')
  const expiredCounter = metrics.counter('nodedb/expired')
  const evictedCounter = metrics.counter('nodedb/evicted')
  let isClosed = false
  let hasAnswers = false

  const onDamaged = (id: string, problem: unknown): void => {
    damagedCounter.add()
    logger.debug({ id, err: String(problem) }, 'A damaged entry of the node database is dropped')
  }

  const strangers = createStrangers()
  const known = createKnownNodes({
    ...{ maxNodes, maxNodesPerSubnet },
    onEvicted(id, { contacts, isStored }) {
      evictedCounter.add()
      rows.delete(id, isStored)
      // What it has proven, it has proven.
      strangers.add(id, { contacts })
    },
  })
  const rows = createNodeRows({
    ...{ store, known, clock, crypto, health },
    onDamaged(id, problem) {
      onDamaged(id, problem)
      known.delete(id)
      rows.delete(id, true)
    },
  })
  const sequenceNumbers = createSequenceNumbers({ store, clock, health, onDamaged })

  if (store !== undefined) {
    try {
      await openStore(store, health, logger)
      let damaged = 0
      const count = (id: string, problem: unknown): void => {
        damaged++
        onDamaged(id, problem)
      }
      for (const { id, seq, contacts } of await loadContacts(store, {
        maxNodes,
        now: clock.now(),
        health,
        onDamaged: count,
      })) {
        known.add(id, { seq, contacts, isStored: true })
      }
      if (damaged > 0) logger.warn({ entries: damaged }, 'Damaged entries of the node database were dropped')
    } catch (error) {
      await store
        .close()
        .catch((problem: unknown) => logger.debug({ err: String(problem) }, 'It does not close either'))
      throw openError(error)
    }
  }
  sizeGauge.set(known.size)

  /** What is known of a node at an address, to be changed. */
  const noted = (id: string, ip: string, change: (contact: Contact) => void): void => {
    if (isClosed || !isNodeId(id)) return
    const node = known.get(id)
    const contact = ensureContact((node ?? strangers.ensure(id)).contacts, ip)
    if (contact === undefined) return
    change(contact)
    if (node !== undefined) rows.touch(id)
  }

  const read = (id: string, ip: string): Contact | undefined =>
    contactOf((known.get(id) ?? strangers.get(id))?.contacts ?? [], ip)

  /** A stranger of whom all is there that a stored node has. */
  const admit = (id: string): void => {
    const stranger = strangers.get(id)
    if (stranger?.node === undefined || lastAnswering(stranger.contacts) === undefined) return
    strangers.delete(id)
    const { node, contacts } = stranger
    known.add(id, { contacts, seq: node.record?.seq ?? 0n, endpoint: plainEndpoint(node), isStored: false })
    rows.put(id, node)
    sizeGauge.set(known.size)
  }

  const expire = (): void => {
    timer = clock.setTimer(expireEveryMs, expire)
    // Who hears from nobody is cut off: no reason to forget whom to call when that is over.
    if (!hasAnswers) return
    hasAnswers = false
    const silent = known.silentSince(clock.now() - expireAfterMs)
    for (const id of silent) {
      const isStored = known.get(id)?.isStored ?? false
      known.delete(id)
      rows.delete(id, isStored)
    }
    expiredCounter.add(silent.length)
    sizeGauge.set(known.size)
  }
  let timer = clock.setTimer(expireEveryMs, expire)

  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      isClosed = true
      timer.cancel()
      await rows.close()
      await store?.close()
    })()
    return closing
  }

  return {
    get size() {
      return known.size
    },
    get isPersistent() {
      return store !== undefined && health.isWorking
    },
    lastPong: (id, ip) => read(id, ip)?.lastPongMs ?? 0,
    setLastPong(id, ip, atMs) {
      const time = timeOf(atMs)
      noted(id, ip, (contact) => {
        contact.lastPongMs = time
      })
      hasAnswers = true
      const node = known.get(id)
      if (node === undefined) {
        admit(id)
        return
      }
      dropOld(node, time)
      known.answered(id)
      sizeGauge.set(known.size)
    },
    lastPing: (id, ip) => read(id, ip)?.lastPingMs ?? 0,
    setLastPing(id, ip, atMs) {
      noted(id, ip, (contact) => {
        contact.lastPingMs = timeOf(atMs)
      })
    },
    findFailures: (id, ip) => read(id, ip)?.findFailures ?? 0,
    setFindFailures(id, ip, count) {
      noted(id, ip, (contact) => {
        contact.findFailures = countOf(count)
      })
    },
    findFailuresV5: (id, ip) => read(id, ip)?.findFailuresV5 ?? 0,
    setFindFailuresV5(id, ip, count) {
      noted(id, ip, (contact) => {
        contact.findFailuresV5 = countOf(count)
      })
    },
    node: async (id) => strangers.get(id)?.node ?? (known.get(id) === undefined ? undefined : rows.get(id)),
    putNode(node) {
      if (isClosed || !isNodeId(node.nodeIdHex)) return
      const id = node.nodeIdHex
      const seq = node.record?.seq ?? 0n
      const there = known.get(id)
      if (there === undefined) {
        const stranger = strangers.ensure(id)
        if (stranger.node !== undefined && (stranger.node.record?.seq ?? 0n) > seq) return
        stranger.node = node
        admit(id)
        return
      }
      // The same again changes nothing; without a record the endpoint may have.
      const endpoint = plainEndpoint(node)
      if (seq < there.seq || (seq === there.seq && (seq > 0n || endpoint === there.endpoint))) return
      there.seq = seq
      there.endpoint = endpoint
      rows.put(id, node)
    },
    removeNode(id) {
      if (isClosed) return
      strangers.delete(id)
      const node = known.get(id)
      if (node === undefined) return
      known.delete(id)
      rows.delete(id, node.isStored)
      sizeGauge.set(known.size)
    },
    seeds: async (wanted) => (isClosed ? [] : pickSeeds(wanted, { rows, known, random, now: clock.now() })),
    flush: () => rows.flush(),
    async load(nodeId) {
      if (isClosed) throw closedError()
      return await sequenceNumbers.load(nodeId)
    },
    async save(nodeId, seq) {
      if (isClosed) throw closedError()
      await sequenceNumbers.save(nodeId, seq)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Other addresses at which it has been silent for a day. */
function dropOld(node: KnownNode, now: number): void {
  const { contacts } = node
  for (let i = contacts.length - 1; i >= 0; i--) {
    const { lastPongMs, lastPingMs } = contacts[i] as Contact
    if (Math.max(lastPongMs, lastPingMs) < now - expireAfterMs) contacts.splice(i, 1)
  }
}

function plainEndpoint({ record, host, udpPort, tcpPort }: NodeAddress): string | undefined {
  return record === undefined ? `${host} ${udpPort} ${tcpPort}` : undefined
}

function closedError(): NodeDatabaseError {
  return new NodeDatabaseError('NODEDB_CLOSED', 'the node database is closed')
}

function isNodeId(text: string): boolean {
  return text.length === 64 && /^[0-9a-f]+$/.test(text)
}

function timeOf(ms: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(Math.trunc(ms), 0), Number.MAX_SAFE_INTEGER) : 0
}

function countOf(count: number): number {
  return Number.isFinite(count) ? Math.min(Math.max(Math.trunc(count), 0), 0xffff_ffff) : 0
}
