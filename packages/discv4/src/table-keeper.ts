import type { NodeAddress } from '@ethwire/enr'
import { type Clock, type Logger, type Random, randomFraction } from '@ethwire/io'
import type { Table, TableDecision, TableNode } from '@ethwire/kbucket'
import { relayRefusal } from '@ethwire/netutil'
import type { Deadline, Deadlines } from './deadlines.ts'
import { Discv4Error } from './errors.ts'
import type { History } from './history.ts'
import type { RecordNode } from './identities.ts'
import type { Lookups } from './lookups.ts'
import type { NodeDatabase } from './node-database.ts'
import type { NetRestrict } from './options.ts'
import type { PingOutcome } from './ping-request.ts'
import type { Requests } from './requests.ts'
import type { Seeds } from './seeds.ts'
import type { TableMetrics } from './table-metrics.ts'
import { lastSystemPort } from './told-nodes.ts'
import type { Transport } from './transport.ts'

/** Random lookups of a refresh, after the one for ourselves (geth's value). */
const refreshLookups = 3

/**
 * When a table that has lost most of its nodes is refreshed: after 10 s, then ever later, up to a minute; one whose last
 * refresh found little, up to ten minutes.
 */
const firstRescueMs = 10_000
const lastRescueMs = 60_000
const lastRetryMs = 10 * 60_000

/** How long a table is compared with what it was. */
const peakMs = 30 * 60_000

export interface TableKeeperOptions {
  readonly self: { readonly publicKey: Uint8Array }
  readonly table: Table<NodeAddress>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly deadlines: Deadlines
  readonly transport: Transport
  readonly requests: Requests
  readonly lookups: Lookups
  readonly seeds: Seeds
  readonly history: History
  readonly metrics: TableMetrics
  readonly database: NodeDatabase | undefined
  readonly netRestrict: NetRestrict | undefined
}

/** Keeps the table filled and true: seeds, refreshes, checks. */
export class TableKeeper {
  readonly #options: TableKeeperOptions
  #check: Deadline | undefined
  #refresh: Deadline | undefined
  #refreshing: Promise<void> | undefined
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #rescueMs = firstRescueMs
  /** The most nodes of the last half hour, and since when. */
  #peak = 0
  #peakAtMs = 0
  #isSeeded = false
  /** Whether of those asked in the last refresh more than half told of nodes. */
  #isAnswered = true
  #isRetrySet = false
  #retryMs = firstRescueMs
  #isClosed = false

  constructor(options: TableKeeperOptions) {
    this.#options = options
  }

  get isSeeded(): boolean {
    return this.#isSeeded
  }

  /** Milliseconds since the last refresh was over. */
  get sinceRefreshMs(): number {
    return this.#options.clock.monotonicMs() - this.#refreshedAtMs
  }

  /** The table has decided something. */
  decided(decision: TableDecision<NodeAddress>): void {
    const { history, metrics, table } = this.#options
    history.noteDecision(decision)
    metrics.decided(decision)
    if (decision.kind === 'added' && table.size >= this.#peak) this.#setPeak()
  }

  /** Nodes that were heard of. */
  heard(nodes: readonly NodeAddress[]): void {
    const { table, clock } = this.#options
    const nowMs = clock.monotonicMs()
    for (const node of nodes) table.add(node, nowMs)
    this.attend()
  }

  /** A node with a proven endpoint has spoken to us. */
  seen(node: NodeAddress): void {
    const { table, clock, history, netRestrict } = this.#options
    if (netRestrict?.contains(node.host ?? '') === false) return
    // Until then an attacker could fill the table by knocking (geth).
    if (!this.#isSeeded) {
      history.note(node.nodeIdHex, 'refused', 'not-seeded')
      return
    }
    const known = table.get(node.nodeId)?.entry
    // A ping says less of a node than its record: that stays as long as the node is where it was.
    const isKnown =
      known?.host === node.host &&
      known?.udpPort === node.udpPort &&
      (known.record !== undefined || known.tcpPort === node.tcpPort)
    table.seenInbound(isKnown ? known : node, clock.monotonicMs())
    this.attend()
  }

  /** A node has pinged us, and does not answer ours. */
  unproven(node: NodeAddress): void {
    this.#options.history.note(node.nodeIdHex, 'refused', 'no-pong', node.host)
  }

  /** Looks when there is something to do next. To be called after each change of the table. */
  readonly attend = (): void => {
    const { table, deadlines } = this.#options
    if (this.#isClosed) return
    const atMs = table.nextCheckAtMs()
    if (atMs !== undefined && !(this.#check !== undefined && !this.#check.isOver && this.#check.atMs <= atMs)) {
      if (this.#check !== undefined) this.#check.isOver = true
      this.#check = deadlines.at(atMs, this.#runChecks)
    }
    if (this.#isInNeed()) this.#scheduleRescue()
  }

  /** Begins with the seeds, looks up neighbours and random targets. One at a time: a second call joins the first. */
  refresh(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#refreshing ??= this.#runRefresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  close(): void {
    this.#isClosed = true
  }

  async #runRefresh(): Promise<void> {
    const { seeds, lookups, self, random, clock, logger } = this.#options
    if (this.#refresh !== undefined) this.#refresh.isOver = true
    this.#isRetrySet = false
    try {
      this.heard(await seeds.load())
      const own = await lookups.run(self.publicKey)
      const runs = [own]
      for (let done = 0; done < refreshLookups && !this.#isClosed; done++) {
        runs.push(await lookups.run(random.bytes(64)))
      }
      const answers = runs.reduce((sum, run) => sum + run.answers, 0)
      // Where few give answer, those that did may have been asked before they knew anybody, or for the wrong things.
      this.#isAnswered = answers * 2 > runs.reduce((sum, run) => sum + run.queries, 0)
      // The few that it began with may have been deaf; by now there are others to ask for our neighbours.
      if (own.answers === 0 && answers > 0) await lookups.run(self.publicKey)
    } catch (err) {
      logger.error({ err }, 'The table could not be refreshed')
    }
    this.#isSeeded = true
    this.#refreshedAtMs = clock.monotonicMs()
    if (this.#isClosed) return
    this.#schedule(this.#options.table.refreshIntervalMs())
    if (this.#isAnswered) this.#retryMs = firstRescueMs
    if (!this.#isBare()) this.#rescueMs = firstRescueMs
    if (this.#isInNeed()) this.#scheduleRescue()
  }

  #schedule(delayMs: number): void {
    const { deadlines, clock } = this.#options
    if (this.#refresh !== undefined) this.#refresh.isOver = true
    this.#refresh = deadlines.at(clock.monotonicMs() + delayMs, () => void this.refresh())
  }

  #setPeak(): void {
    this.#peak = this.#options.table.size
    this.#peakAtMs = this.#options.clock.monotonicMs()
  }

  /** Whether most nodes are gone: a partition, a long sleep, an attack. There may be more in the database. */
  #isBare(): boolean {
    const { table, clock } = this.#options
    if (table.size >= this.#peak / 2) return table.size === 0
    // What is gone for so long will not come back.
    if (clock.monotonicMs() - this.#peakAtMs > peakMs) this.#setPeak()
    return true
  }

  #isInNeed(): boolean {
    return this.#options.seeds.areThere && (!this.#isAnswered || this.#isBare())
  }

  #scheduleRescue(): void {
    const { clock, random } = this.#options
    if (this.#refreshing !== undefined || !this.#isSeeded) return
    const isBare = this.#isBare()
    if (!isBare && this.#isRetrySet) return
    const nowMs = clock.monotonicMs()
    // One that is due soon anyway is waited for.
    if (this.#refresh !== undefined && !this.#refresh.isOver && this.#refresh.atMs <= nowMs + lastRescueMs) return
    const waitMs = isBare ? this.#rescueMs : this.#retryMs
    const dueMs = this.#refreshedAtMs + waitMs * (0.5 + randomFraction(random) / 2)
    if (isBare) this.#rescueMs = Math.min(lastRescueMs, waitMs * 2)
    else this.#retryMs = Math.min(lastRetryMs, waitMs * 2)
    this.#schedule(Math.max(0, dueMs - nowMs))
    this.#isRetrySet = !isBare
  }

  readonly #runChecks = (): void => {
    const { table, clock } = this.#options
    for (const node of table.takeChecks(clock.monotonicMs())) this.#checkNode(node)
    this.attend()
  }

  #checkNode(node: TableNode<NodeAddress>): void {
    const { transport, requests } = this.#options
    const to = transport.find(node.entry)
    if (to === undefined) {
      this.#checked(node, false)
      return
    }
    // Again where nothing comes soon: that a packet was lost is no reason to drop a node.
    requests.sendPing(node.entry, to, { isOurs: true, again: true }, (outcome) => this.#ponged(node, to, outcome))
  }

  #ponged(node: TableNode<NodeAddress>, to: { ip: string; port: number }, outcome: PingOutcome): void {
    if (typeof outcome === 'string') {
      // That too many requests wait says nothing of the node.
      if (outcome !== 'DISCV4_CLOSED') this.#checked(node, outcome === 'DISCV4_BUSY' && node.isLive)
      return
    }
    const seq = node.entry.record?.seq ?? 0n
    if ((outcome.enrSeq ?? 0n) <= seq) {
      this.#checked(node, true)
      return
    }
    const { requests, logger } = this.#options
    const { entry } = node
    requests.requestEnr(entry, to).then(
      (found) => this.#checked(node, true, found.record.seq > seq ? this.withRecord(entry, found, to.ip) : undefined),
      (error: unknown) => {
        if (!(error instanceof Discv4Error)) logger.error({ err: error }, 'A record could not be asked for')
        this.#checked(node, true)
      },
    )
  }

  #checked(node: TableNode<NodeAddress>, isAlive: boolean, entry?: NodeAddress): void {
    const { table, clock, database } = this.#options
    if (this.#isClosed) return
    const nowMs = clock.monotonicMs()
    table.checked(node, isAlive ? { isAlive, ...(entry && { entry }) } : { isAlive }, nowMs)
    if (entry !== undefined && node.entry === entry) database?.putNode(entry)
    this.attend()
  }

  /**
   * A node with the record that it gave: at the record's address, if it may tell us of that one and we can reach it, else
   * where it answered. Many nodes do not know their address, and have one of their own machine in their record.
   */
  withRecord(known: NodeAddress, found: RecordNode, ip: string): NodeAddress {
    const { transport, netRestrict } = this.#options
    const endpoint = transport.find(found)
    const isAllowed =
      endpoint !== undefined &&
      endpoint.port > lastSystemPort &&
      relayRefusal(ip, endpoint.ip) === undefined &&
      netRestrict?.contains(endpoint.ip) !== false
    if (isAllowed && found.host === endpoint.ip) {
      // Whoever dials tries all of them: none may lead into this machine or its network.
      const endpoints = found.endpoints.filter(({ host }) => relayRefusal(ip, host) === undefined)
      return endpoints.length === found.endpoints.length ? found : { ...found, endpoints }
    }
    const { host, udpPort } = known
    const tcpPort = found.tcpPort === 0 ? known.tcpPort : found.tcpPort
    const { record } = found
    return {
      publicKey: found.publicKey,
      nodeId: found.nodeId,
      nodeIdHex: found.nodeIdHex,
      endpoints: host === undefined ? [] : [{ host, tcpPort, udpPort }],
      record,
      get enr() {
        return record.text
      },
      ...(host === undefined ? {} : { host }),
      tcpPort,
      udpPort,
    }
  }
}
