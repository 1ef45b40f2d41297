import type { Crypto } from '@ethwire/crypto'
import type { LocalNode, NodeAddress } from '@ethwire/enr'
import {
  type Clock,
  type DatagramSocket,
  type Logger,
  type Metrics,
  type Random,
  type Resolver,
  randomInteger,
} from '@ethwire/io'
import { createTable, type Table } from '@ethwire/kbucket'
import { tableLimits } from '@ethwire/netutil'
import { AddressHash } from './address-hash.ts'
import { Bonds } from './bonds.ts'
import { Counters } from './counters.ts'
import { Deadlines } from './deadlines.ts'
import { History } from './history.ts'
import { createIdentities, type Identities } from './identities.ts'
import { LocalEndpoint } from './local-endpoint.ts'
import { Lookups } from './lookups.ts'
import type { NodeDatabase } from './node-database.ts'
import type { Discv4Options } from './options.ts'
import { PendingReplies } from './pending-replies.ts'
import { Receiver } from './receiver.ts'
import { Requests } from './requests.ts'
import { Responder } from './responder.ts'
import { Seeds } from './seeds.ts'
import { SenderBudget } from './sender-budget.ts'
import { TableKeeper } from './table-keeper.ts'
import { TableMetrics } from './table-metrics.ts'
import { ToldNodes } from './told-nodes.ts'
import { Transport } from './transport.ts'

/** Nodes whose history `explain` has. */
const defaultHistoryNodes = 1024

/** What an engine is made of, nothing left to defaults that come from the machine. */
export interface EngineOptions extends Omit<Discv4Options, 'localNode' | 'socket' | 'nodeDatabase'> {
  readonly localNode: LocalNode
  readonly socket: DatagramSocket
  readonly ownsSocket: boolean
  readonly nodeDatabase: NodeDatabase | undefined
  readonly crypto: Crypto
  readonly clock: Clock
  readonly random: Random
  readonly resolver: Resolver
  readonly logger: Logger
  readonly metrics: Metrics
}

/** The parts of an engine that its owner speaks with. */
export interface Parts {
  readonly identities: Identities
  readonly history: History
  readonly deadlines: Deadlines
  readonly bonds: Bonds
  readonly transport: Transport
  readonly table: Table<NodeAddress>
  readonly requests: Requests
  readonly lookups: Lookups
  readonly keeper: TableKeeper
  readonly receiver: Receiver
}

/** Puts the parts together; nothing runs yet. `signal` aborts when the engine closes. */
export function createParts(options: EngineOptions, signal: AbortSignal): Parts {
  const { localNode, crypto, clock, random, logger, netRestrict, nodeDatabase: database } = options
  const self = localNode.nodeIdHex
  const counters = new Counters(options.metrics)
  const identities = options.identities ?? createIdentities({ crypto })
  const history = new History(() => clock.now(), options.historyNodes ?? defaultHistoryNodes)
  const deadlines = new Deadlines(clock)
  const addresses = new AddressHash(randomInteger(random, 2 ** 32) | 0)
  const pending = new PendingReplies(deadlines, addresses)
  const bonds = new Bonds(clock, database, addresses)
  const transport = new Transport({ ...options, counters, netRestrict })
  const predicts = options.predictEndpoint ?? true
  const localEndpoint = predicts ? new LocalEndpoint(localNode, clock, logger) : undefined
  const metrics = new TableMetrics(options.metrics)
  const table = createTable<NodeAddress>({
    self: localNode.nodeId,
    idOf: (node) => node.nodeId,
    random,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    limits: tableLimits((node: NodeAddress) => node.host ?? ''),
    sameEndpoint: (a, b) => a.host === b.host && a.udpPort === b.udpPort,
    isNewer: (heard, known) => (heard.record?.seq ?? 0n) > (known.record?.seq ?? 0n),
    onDecision: (decision) => keeper.decided(decision),
  })
  const told = new ToldNodes({ self, table, identities, transport, history, netRestrict })
  const requests = new Requests({
    clock,
    deadlines,
    pending,
    transport,
    bonds,
    identities,
    counters,
    history,
    localEndpoint,
    accept: (node, by, fromIp) => told.accept(node, by, fromIp),
    driftCheck: options.driftCheck,
  })
  const lookups = new Lookups({
    self,
    crypto,
    clock,
    table,
    transport,
    requests,
    bonds,
    logger,
    heard: (nodes) => keeper.heard(nodes),
    queried: () => keeper.attend(),
  })
  const seeds = new Seeds({
    bootnodes: options.bootnodes ?? [],
    database,
    resolver: options.resolver,
    deadlines,
    transport,
    crypto,
    logger,
    signal,
  })
  const keeper: TableKeeper = new TableKeeper({
    self: localNode,
    table,
    clock,
    random,
    logger,
    deadlines,
    transport,
    requests,
    lookups,
    seeds,
    history,
    metrics,
    database,
    netRestrict,
  })
  const responder = new Responder({
    localNode,
    crypto,
    clock,
    deadlines,
    table,
    bonds,
    identities,
    transport,
    requests,
    counters,
    localEndpoint,
    seen: (node) => keeper.seen(node),
    unproven: (node) => keeper.unproven(node),
  })
  const receiver = new Receiver({
    self,
    socket: options.socket,
    crypto,
    clock,
    logger,
    counters,
    budget: new SenderBudget(random),
    bonds,
    pending,
    identities,
    requests,
    responder,
    netRestrict,
    recover: options.recover,
    unhandled: options.unhandled,
  })
  return { identities, history, deadlines, bonds, transport, table, requests, lookups, keeper, receiver }
}
