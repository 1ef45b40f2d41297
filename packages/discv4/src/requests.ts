import type { NodeAddress } from '@ethwire/enr'
import type { Clock, SocketEndpoint } from '@ethwire/io'
import type { Bonds } from './bonds.ts'
import type { Counters } from './counters.ts'
import type { Deadlines } from './deadlines.ts'
import type { Pong } from './discv4.ts'
import { Discv4Error } from './errors.ts'
import type { History } from './history.ts'
import type { Identities, RecordNode } from './identities.ts'
import type { LocalEndpoint } from './local-endpoint.ts'
import type { DriftCheck } from './options.ts'
import type { Packet, PacketNode } from './packet-types.ts'
import { type PendingReplies, type PendingReply, replyMs, type Sending } from './pending-replies.ts'
import { closedError, type PingFailure, type PingOutcome, type PingOwner, PingRequest } from './ping-request.ts'
import { type FindnodeOwner, FindnodeRequest, PingWait, RecordRequest } from './query-requests.ts'
import type { Transport } from './transport.ts'

/** When a request that is not answered is sent again, once: packets get lost, and half a second is not over yet. */
const resendMs = 250

/** How long the node database may take, which is twice in a call. */
const maxReadMs = 50

/** How long the ping of a node is waited for that has just answered ours: it comes with the pong, or not at all. */
const minPingWaitMs = 100

export interface RequestsOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly pending: PendingReplies
  readonly transport: Transport
  readonly bonds: Bonds
  readonly identities: Identities
  readonly counters: Counters
  readonly history: History
  readonly localEndpoint: LocalEndpoint | undefined
  /** See `FindnodeOwner`. */
  accept(told: PacketNode, by: NodeAddress, fromIp: string): NodeAddress | undefined
  readonly driftCheck: DriftCheck | undefined
}

/** What we ask of others. */
export class Requests implements PingOwner, FindnodeOwner {
  readonly #options: RequestsOptions
  #isClosed = false

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  nowMs(): number {
    return this.#options.clock.monotonicMs()
  }

  accept(told: PacketNode, by: NodeAddress, fromIp: string): NodeAddress | undefined {
    return this.#options.accept(told, by, fromIp)
  }

  /**
   * Pings a node where it is reached, or joins a ping that does. `isOurs`: of our own accord, not because it has pinged us.
   * `again`: a second time when there is no answer soon.
   */
  sendPing(
    node: NodeAddress,
    to: SocketEndpoint,
    { isOurs, again }: { readonly isOurs: boolean; readonly again: boolean },
    done: (outcome: PingOutcome) => void,
  ): void {
    const { pending, transport, localEndpoint } = this.#options
    for (const running of pending.of(node.nodeIdHex, to.ip, 'pong')) {
      if (!(running instanceof PingRequest) || running.to.port !== to.port) continue
      // One that is sent no more is half over, or was never to be sent twice.
      if (again && running.again === undefined) continue
      running.whenDone(done)
      return
    }
    if (this.#isClosed) {
      done('DISCV4_CLOSED')
      return
    }
    if (!pending.hasRoom(isOurs)) {
      done('DISCV4_BUSY')
      return
    }
    const { endpoint, enrSeq } = transport
    const { bytes, hash } = transport.encode({
      type: 'ping',
      version: 4,
      from: endpoint,
      to: { ip: to.ip, udpPort: to.port, tcpPort: 0 },
      expiration: transport.expiration(),
      enrSeq,
    })
    const ping = new PingRequest(node, to, hash, isOurs, this)
    ping.whenDone(done)
    localEndpoint?.contact(to.ip)
    this.#send(ping, { type: 'ping', bytes, to }, again)
  }

  ping(node: NodeAddress, to: SocketEndpoint): Promise<Pong> {
    return new Promise((resolve, reject) => {
      this.sendPing(node, to, { isOurs: true, again: true }, (outcome) => {
        if (typeof outcome === 'string') reject(pingError(outcome, to))
        else resolve(outcome)
      })
    })
  }

  /** The nodes near to `target`, 64 bytes, that a node tells of: 1.5 s at most. */
  async findNode(node: NodeAddress, to: SocketEndpoint, target: Uint8Array): Promise<NodeAddress[]> {
    await this.#introduce(node, to)
    const { transport } = this.#options
    this.#checkRoom()
    const { bytes } = transport.encode({ type: 'findnode', target, expiration: transport.expiration() })
    return await new Promise((resolve, reject) => {
      const request: FindnodeRequest = new FindnodeRequest(node, to.ip, this, (outcome) => {
        if (outcome === undefined) reject(timeoutError('neighbors', to))
        else if (outcome instanceof Discv4Error) reject(outcome)
        else resolve(outcome)
      })
      this.#send(request, { type: 'findnode', bytes, to }, true)
    })
  }

  /** The record that a node gives, of itself. */
  async requestEnr(node: NodeAddress, to: SocketEndpoint): Promise<RecordNode> {
    await this.#introduce(node, to)
    const { transport, identities } = this.#options
    this.#checkRoom()
    const { bytes, hash } = transport.encode({ type: 'enrRequest', expiration: transport.expiration() })
    const record = await new Promise<Uint8Array>((resolve, reject) => {
      const request = new RecordRequest(node, to.ip, hash, this, (outcome) => {
        if (outcome === undefined) reject(timeoutError('record', to))
        else if (outcome instanceof Discv4Error) reject(outcome)
        else resolve(outcome)
      })
      this.#send(request, { type: 'enrRequest', bytes, to }, true)
    })
    let found: RecordNode
    try {
      found = identities.record(node, record)
    } catch (cause) {
      throw new Discv4Error('DISCV4_RECORD', 'the node gave a record that is none', { cause })
    }
    if (found.nodeIdHex !== node.nodeIdHex) {
      throw new Discv4Error('DISCV4_RECORD', 'the node gave the record of another node')
    }
    return found
  }

  /** A node has pinged us, and we have answered. */
  pinged(nodeIdHex: string, ip: string, packet: Packet): void {
    const { pending } = this.#options
    for (const ping of pending.of(nodeIdHex, ip, 'pong')) if (ping instanceof PingRequest) ping.hasPingedUs = true
    pending.match(nodeIdHex, ip, packet)
  }

  /** An answer has come. @returns whether it was waited for */
  answered(nodeIdHex: string, ip: string, packet: Packet): boolean {
    const isMatched = this.#options.pending.match(nodeIdHex, ip, packet)
    if (isMatched) this.#options.driftCheck?.answered()
    return isMatched
  }

  ponged(ping: PingRequest, pong: Pong): void {
    const { bonds, history, localEndpoint } = this.#options
    const isNew = bonds.pong(ping.node, ping.to, ping.hasPingedUs)
    if (isNew) history.note(ping.node.nodeIdHex, 'proven', 'pong', ping.ip)
    localEndpoint?.statement(ping.ip, { ...pong.seenAt, tcpPort: 0 })
  }

  due(request: PendingReply): void {
    const { transport, deadlines } = this.#options
    const { again } = request
    if (again === undefined) {
      this.#giveUp(request)
      return
    }
    request.again = undefined
    request.atMs += replyMs - resendMs
    request.isOver = false
    deadlines.add(request)
    if (!request.isAnswered) transport.sendBytes(again.type, again.bytes, again.to)
  }

  shorten(request: FindnodeRequest, waitMs: number): void {
    this.#options.deadlines.at(this.nowMs() + waitMs, () => {
      if (!request.isOver) this.#giveUp(request)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#options.pending.close()
  }

  /** Sends a request, and waits for what comes of it. */
  #send(request: PendingReply, sending: Sending, again: boolean): void {
    const { transport, pending } = this.#options
    if (again) {
      request.again = sending
      request.atMs -= replyMs - resendMs
    }
    pending.add(request)
    transport.sendBytes(sending.type, sending.bytes, sending.to)
  }

  #giveUp(request: PendingReply): void {
    const { pending, counters, driftCheck } = this.#options
    pending.remove(request)
    // That a node does not ping us is its right.
    if (request.type !== 'ping' && !request.isAnswered) {
      counters.timeouts.add()
      driftCheck?.timedOut()
    }
    request.expire()
  }

  /** Sees to it that the node answers requests: it does for endpoints that have answered a ping of its own. */
  async #introduce(node: NodeAddress, to: SocketEndpoint): Promise<void> {
    const { bonds, pending } = this.#options
    const isKnown = bonds.hasOurProof(node, to)
    if (typeof isKnown === 'boolean' ? isKnown : await this.#soon(isKnown)) return
    const { rttMs } = await this.ping(node, to)
    const hasPinged = bonds.hasOurProof(node, to)
    if (typeof hasPinged === 'boolean' ? hasPinged : await this.#soon(hasPinged)) return
    // It may well know us from before, and see no reason to ping.
    this.#checkRoom()
    const waitMs = Math.min(replyMs - 2 * maxReadMs, minPingWaitMs + rttMs)
    await new Promise<void>((resolve) => {
      pending.add(new PingWait(node, to.ip, waitMs, this, resolve))
    })
  }

  /** What a database says, if it says it soon. */
  async #soon(isKnown: Promise<boolean>): Promise<boolean> {
    return (await this.#options.deadlines.within(maxReadMs, isKnown)) ?? false
  }

  #checkRoom(): void {
    if (this.#isClosed) throw closedError()
    if (!this.#options.pending.hasRoom(true)) throw busyError()
  }
}

function pingError(failure: PingFailure, to: SocketEndpoint): Discv4Error {
  if (failure === 'DISCV4_CLOSED') return closedError()
  return failure === 'DISCV4_BUSY' ? busyError() : timeoutError('pong', to)
}

function busyError(): Discv4Error {
  return new Discv4Error('DISCV4_BUSY', 'too many requests wait for an answer: wait for some of them')
}

function timeoutError(what: string, to: SocketEndpoint): Discv4Error {
  return new Discv4Error('DISCV4_TIMEOUT', `no ${what} from ${to.ip} within ${replyMs} ms`)
}
