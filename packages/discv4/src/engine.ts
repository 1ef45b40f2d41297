import { type LocalNode, type NodeAddress, type NodeRecord, parseNodeId } from '@ethwire/enr'
import { abortable, type SocketEndpoint } from '@ethwire/io'
import type { BucketSnapshot, TableNode } from '@ethwire/kbucket'
import type { CallOptions, Discv4, LookupOptions, Pong, WalkOptions } from './discv4.ts'
import { Discv4Error } from './errors.ts'
import { fetchRecords } from './fetch-records.ts'
import type { Explanation } from './history.ts'
import type { NodeInput } from './options.ts'
import { createParts, type EngineOptions, type Parts } from './parts.ts'
import { closedError } from './ping-request.ts'
import { toNode } from './seeds.ts'
import { walk } from './walk.ts'

/** Starts an engine. */
export function startEngine(options: EngineOptions): Discv4 {
  return new Engine(options)
}

class Engine implements Discv4 {
  readonly name = 'discv4'
  readonly localNode: LocalNode
  readonly local: SocketEndpoint
  readonly ready: Promise<void>
  readonly #options: EngineOptions
  readonly #parts: Parts
  readonly #lifetime = new AbortController()
  readonly #release: () => void
  #closing: Promise<void> | undefined

  constructor(options: EngineOptions) {
    const { localNode, socket, signal } = options
    this.#options = options
    this.localNode = localNode
    this.local = socket.local
    this.#parts = createParts(options, this.#lifetime.signal)
    const { transport, receiver, keeper } = this.#parts
    const stopListening = localNode.onChange(() => transport.forgetSelf())
    const onAbort = (): void => void this.close()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#release = () => {
      stopListening()
      signal?.removeEventListener('abort', onAbort)
    }
    void receiver.run()
    // A database or a resolver that never answers keeps nobody from closing.
    const closed = new Promise<void>((resolve) => {
      this.#lifetime.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    this.ready = Promise.race([keeper.refresh(), closed])
  }

  ping(input: NodeInput, { signal }: CallOptions = {}): Promise<Pong> {
    return abortable(signal, () => this.#ask(input, (node, to) => this.#parts.requests.ping(node, to)))
  }

  requestEnr(input: NodeInput, { signal }: CallOptions = {}): Promise<NodeRecord> {
    const { requests } = this.#parts
    return abortable(signal, () => this.#ask(input, async (node, to) => (await requests.requestEnr(node, to)).record))
  }

  findNode(input: NodeInput, target: Uint8Array, { signal }: CallOptions = {}): Promise<NodeAddress[]> {
    checkTarget(target)
    const { requests } = this.#parts
    return abortable(signal, () => this.#ask(input, (node, to) => requests.findNode(node, to, target)))
  }

  resolve(input: NodeInput, { signal }: CallOptions = {}): Promise<NodeAddress | undefined> {
    const node = toNode(input, this.#options.crypto)
    return abortable(signal, async () => {
      const { table } = this.#parts
      const asked = await this.#fetch(node)
      if (asked !== undefined) return asked
      const known = table.get(node.nodeId)?.entry
      const isElsewhere = known !== undefined && (known.host !== node.host || known.udpPort !== node.udpPort)
      const there = isElsewhere ? await this.#fetch(known) : undefined
      if (there !== undefined) return there
      signal?.throwIfAborted()
      const found = await this.lookup(node.publicKey, signal === undefined ? {} : { signal })
      const same = found.find(({ nodeIdHex }) => nodeIdHex === node.nodeIdHex)
      return same === undefined ? undefined : await this.#fetch(same)
    })
  }

  async lookup(target: Uint8Array, { signal, onDone }: LookupOptions = {}): Promise<NodeAddress[]> {
    checkTarget(target)
    if (this.#closing !== undefined) throw closedError()
    signal?.throwIfAborted()
    const { table, keeper, lookups } = this.#parts
    if (table.size === 0) await abortable(signal, () => keeper.refresh())
    const run = await lookups.run(target, signal)
    signal?.throwIfAborted()
    onDone?.({ queries: run.queries, hops: run.hops })
    return run.result()
  }

  get bootnodes(): NodeAddress[] {
    const { bootnodes = [], crypto } = this.#options
    return bootnodes.map((node) => toNode(node, crypto))
  }

  readRandomNodes(count: number): NodeAddress[] {
    return this.#parts.table.randomNodes(count)
  }

  async *randomNodes({ signal, records = true }: WalkOptions = {}): AsyncGenerator<NodeAddress, void> {
    const { clock, random } = this.#options
    const stop = new AbortController()
    const stopWalk = (): void => stop.abort()
    const signals = [this.#lifetime.signal, ...(signal === undefined ? [] : [signal])]
    for (const each of signals) {
      if (each.aborted) stopWalk()
      else each.addEventListener('abort', stopWalk, { once: true })
    }
    try {
      const nodes = walk({ ...this.#parts, clock, random }, stop.signal)
      for await (const node of records ? fetchRecords(nodes, (each) => this.#fetch(each)) : nodes) {
        if (stop.signal.aborted) break
        yield node
      }
    } finally {
      stopWalk()
      for (const each of signals) each.removeEventListener('abort', stopWalk)
    }
    signal?.throwIfAborted()
  }

  nodes({ signal }: CallOptions = {}): AsyncIterable<NodeAddress> {
    return this.randomNodes(signal === undefined ? {} : { signal })
  }

  table(): BucketSnapshot<NodeAddress>[] {
    return this.#parts.table.snapshot(this.#options.clock.monotonicMs())
  }

  explain(nodeIdHex: string): Explanation {
    const nodeId = parseNodeId(nodeIdHex)
    const { table, bonds, history, transport } = this.#parts
    const node = table.get(nodeId)
    const key = nodeIdHex.toLowerCase().replace(/^0x/, '')
    if (key === this.localNode.nodeIdHex) return { nodeIdHex: key, place: 'self', events: history.of(key) }
    const at = node === undefined ? undefined : transport.find(node.entry)
    const provenIp = node !== undefined && at !== undefined && bonds.isProven(node.entry, at) ? at.ip : undefined
    return {
      nodeIdHex: key,
      place: node === undefined || node.place === 'gone' ? 'absent' : node.place,
      ...(node === undefined ? {} : { node: asItIs(node) }),
      ...(provenIp === undefined ? {} : { provenIp }),
      events: history.of(key),
    }
  }

  refresh(): Promise<void> {
    return this.#parts.keeper.refresh()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { receiver, keeper, lookups, requests, deadlines } = this.#parts
    const { ownsSocket, socket } = this.#options
    this.#release()
    receiver.close()
    keeper.close()
    this.#lifetime.abort()
    lookups.close()
    requests.close()
    deadlines.close()
    if (ownsSocket) await socket.close()
  }

  /** Asks a node where it is reached. */
  async #ask<T>(input: NodeInput, ask: (node: NodeAddress, to: SocketEndpoint) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError()
    const node = toNode(input, this.#options.crypto)
    return await ask(node, this.#parts.transport.reach(node))
  }

  /** A node with the record that it gives, if it does. */
  async #fetch(node: NodeAddress): Promise<NodeAddress | undefined> {
    const { requests, transport, keeper } = this.#parts
    try {
      const to = transport.reach(node)
      return keeper.withRecord(node, await requests.requestEnr(node, to), to.ip)
    } catch (error) {
      if (error instanceof Discv4Error) return undefined
      throw error
    }
  }
}

function checkTarget(target: Uint8Array): void {
  if (target.length !== 64) throw new RangeError(`a target has 64 bytes, as a public key, got ${target.length}`)
}

/** A node of the table as it is now: what happens later does not change it. */
function asItIs(node: TableNode<NodeAddress>): TableNode<NodeAddress> {
  const { entry, addedAtMs, inBucketAtMs, checks, isLive, queryFailures, place, isChecking } = node
  return { entry, addedAtMs, inBucketAtMs, checks, isLive, queryFailures, place, isChecking }
}
