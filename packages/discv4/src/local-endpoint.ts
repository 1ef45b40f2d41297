import type { LocalNode } from '@ethwire/enr'
import type { Clock, Logger } from '@ethwire/io'
import { createEndpointVotes, type EndpointVotes, type SeenEndpoint } from '@ethwire/netutil'
import type { PacketEndpoint } from './packet-types.ts'

/**
 * What other nodes see us as, put into the local record. Statements come in pongs and, from nodes with a proven endpoint,
 * in pings.
 */
export class LocalEndpoint {
  readonly #localNode: LocalNode
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #votes: EndpointVotes = createEndpointVotes()
  readonly #predicted: Record<4 | 6, SeenEndpoint | undefined> = { 4: undefined, 6: undefined }

  constructor(localNode: LocalNode, clock: Clock, logger: Logger) {
    this.#localNode = localNode
    this.#clock = clock
    this.#logger = logger
  }

  /** We write to a host that may not know us. */
  contact(ip: string): void {
    this.#votes.addContact(ip, this.#clock.monotonicMs())
  }

  statement(from: string, { ip, udpPort }: PacketEndpoint): void {
    if (ip === undefined) return
    const nowMs = this.#clock.monotonicMs()
    if (this.#votes.addStatement(from, { ip, port: udpPort }, nowMs) !== undefined) return
    const family = ip.includes(':') ? 6 : 4
    const predicted = this.#votes.predict(nowMs, family)
    const last = this.#predicted[family]
    if (predicted?.ip === last?.ip && predicted?.port === last?.port) return
    this.#predicted[family] = predicted
    if (predicted === undefined) {
      this.#localNode.clearPredictedEndpoint(family)
    } else {
      this.#logger.info({ ip: predicted.ip, udpPort: predicted.port }, 'Others see this node at this address')
      this.#localNode.setPredictedEndpoint({ ip: predicted.ip, udpPort: predicted.port })
    }
  }
}
