import type { Crypto } from '@ethwire/crypto'
import type { Clock, Datagram, DatagramSocket, Logger, SocketEndpoint } from '@ethwire/io'
import type { Bonds } from './bonds.ts'
import type { Counters } from './counters.ts'
import type { PacketErrorCode } from './errors.ts'
import type { Identities, Identity } from './identities.ts'
import type { NetRestrict, Recover } from './options.ts'
import { isExpired } from './packet.ts'
import { checkPacket, type InspectedPacket } from './packet-check.ts'
import { checkHead, claimedType } from './packet-head.ts'
import type { Packet } from './packet-types.ts'
import type { PendingReplies } from './pending-replies.ts'
import type { Requests } from './requests.ts'
import type { Responder } from './responder.ts'
import type { BudgetRefusal, SenderBudget, Standing } from './sender-budget.ts'
import { signerOf } from './signer.ts'

/** Packets whose signer is being looked for elsewhere, at once. */
const maxRecovering = 256

export interface ReceiverOptions {
  readonly self: string
  readonly socket: DatagramSocket
  readonly crypto: Crypto
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: Counters
  readonly budget: SenderBudget
  readonly bonds: Bonds
  readonly pending: PendingReplies
  readonly identities: Identities
  readonly requests: Requests
  readonly responder: Responder
  readonly netRestrict: NetRestrict | undefined
  readonly recover: Recover | undefined
  readonly unhandled: ((datagram: Datagram) => void) | undefined
}

/**
 * Reads packets, the cheapest check first: what is seen at first sight, the sender's budget, hash, form and time; then the
 * charge; and only then who signed it, which is most of the work.
 */
export class Receiver {
  readonly #options: ReceiverOptions
  #recovering = 0
  #isClosed = false

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  /** Reads until the socket ends or `close`. */
  async run(): Promise<void> {
    const { socket, logger } = this.#options
    if (socket.onPacket !== undefined) {
      socket.onPacket(this.#take)
      return
    }
    try {
      for await (const datagram of socket) {
        if (this.#isClosed) return
        this.#take(datagram)
      }
    } catch (err) {
      if (!this.#isClosed) logger.error({ err }, 'The socket of discovery has failed')
    }
  }

  readonly #take = (datagram: Datagram): void => {
    if (this.#isClosed) return
    try {
      this.receive(datagram)
    } catch (err) {
      this.#blameUs(err)
    }
  }

  close(): void {
    this.#isClosed = true
  }

  receive(datagram: Datagram): void {
    const { counters, netRestrict, budget, clock } = this.#options
    const { bytes, from } = datagram
    counters.ingress.add(bytes.length)
    if (netRestrict?.contains(from.ip) === false) {
      counters.drop('net-restrict')
      return
    }
    const fault = checkHead(bytes)
    if (fault !== undefined) {
      this.#dropFaulty(fault, datagram)
      return
    }
    const nowMs = clock.monotonicMs()
    const standing = this.#standing(bytes, from)
    const refusal = budget.refusal(from.ip, standing, nowMs)
    // What names a request of ours cannot be made up: it is looked at, a few times, even where others send in the same
    // sender's name.
    if (refusal !== undefined && !(standing === 'asked' && namesItsRequest(claimedType(bytes)))) {
      counters.drop(refusal)
      return
    }
    this.#read(datagram, standing, nowMs, refusal)
    budget.spend(standing, clock.monotonicMs() - nowMs)
  }

  /** What speaks for the sender, before anything is read but the type that the packet claims. */
  #standing(bytes: Uint8Array, from: SocketEndpoint): Standing {
    const { bonds, pending } = this.#options
    if (pending.isExpectedFrom(from.ip)) return 'asked'
    if (bonds.isProvenEndpoint(from)) return 'proven'
    return claimedType(bytes) === 'pong' && pending.isTypeAwaited(from.ip, 'pong') ? 'answering' : 'stranger'
  }

  #read(datagram: Datagram, standing: Standing, nowMs: number, refusal: BudgetRefusal | undefined): void {
    const { counters, budget, pending, clock, crypto } = this.#options
    const { bytes, from } = datagram
    const inspected = checkPacket(bytes, crypto)
    if (typeof inspected === 'string') {
      this.#dropFaulty(inspected, datagram)
      return
    }
    const { packet } = inspected
    if (isExpired(packet, clock.now())) {
      counters.drop('expired')
      return
    }
    budget.charge(from.ip, standing, nowMs)
    // An answer to nothing is of no use, whoever signed it.
    if (isAnswer(packet) && !pending.isAwaited(from.ip, packet)) {
      counters.drop('unsolicited')
      return
    }
    if (refusal !== undefined && !pending.takeSpareRead(from.ip, packet)) {
      counters.drop(refusal)
      return
    }
    this.#recover(inspected, bytes, from)
  }

  #dropFaulty(fault: PacketErrorCode, datagram: Datagram): void {
    this.#options.counters.drop(fault)
    // Longer ones are of no discovery protocol.
    if (fault !== 'PACKET_TOO_LARGE') this.#handOver(datagram)
  }

  #handOver(datagram: Datagram): void {
    const { unhandled, logger } = this.#options
    try {
      unhandled?.(datagram)
    } catch (err) {
      logger.error({ err }, 'What was to take packets of another protocol has failed')
    }
  }

  #recover(inspected: InspectedPacket, bytes: Uint8Array, from: SocketEndpoint): void {
    const { recover, crypto, counters } = this.#options
    if (recover !== undefined) {
      this.#recoverElsewhere(recover, inspected, bytes, from)
      return
    }
    let publicKey: Uint8Array
    try {
      publicKey = signerOf(bytes, crypto)
    } catch {
      counters.drop('PACKET_SIGNATURE')
      return
    }
    this.#handle(inspected, publicKey, from)
  }

  #recoverElsewhere(recover: Recover, inspected: InspectedPacket, bytes: Uint8Array, from: SocketEndpoint): void {
    const { counters } = this.#options
    if (this.#recovering >= maxRecovering) {
      counters.drop('busy')
      return
    }
    this.#recovering++
    recover(bytes).then(
      (publicKey) => {
        this.#recovering--
        if (!this.#isClosed) this.#handle(inspected, publicKey, from)
      },
      () => {
        this.#recovering--
        counters.drop('PACKET_SIGNATURE')
      },
    )
  }

  #handle(inspected: InspectedPacket, publicKey: Uint8Array, from: SocketEndpoint): void {
    try {
      this.#dispatch(inspected, this.#options.identities.of(publicKey), from)
    } catch (err) {
      this.#blameUs(err)
    }
  }

  /** No packet does this; whatever does is a fault of ours, and no reason to hear no other packet. */
  #blameUs(err: unknown): void {
    this.#options.logger.error({ err }, 'A packet could not be handled')
  }

  #dispatch({ packet, hash }: InspectedPacket, sender: Identity, from: SocketEndpoint): void {
    const { self, counters, responder, requests } = this.#options
    if (sender.nodeIdHex === self) {
      counters.drop('self')
      return
    }
    counters.packetsIn[packet.type].add()
    switch (packet.type) {
      case 'ping':
        responder.ping(packet, hash, sender, from)
        return
      case 'findnode':
        responder.findnode(packet, sender, from)
        return
      case 'enrRequest':
        responder.enrRequest(packet, hash, sender, from)
        return
      default:
        if (!requests.answered(sender.nodeIdHex, from.ip, packet)) counters.drop('unsolicited')
    }
  }
}

function namesItsRequest(type: Packet['type'] | undefined): boolean {
  return type === 'pong' || type === 'enrResponse'
}

function isAnswer({ type }: Packet): boolean {
  return type === 'pong' || type === 'neighbors' || type === 'enrResponse'
}
