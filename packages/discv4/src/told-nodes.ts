import type { NodeAddress } from '@ethwire/enr'
import type { Table } from '@ethwire/kbucket'
import { relayRefusal } from '@ethwire/netutil'
import type { History } from './history.ts'
import type { Identities } from './identities.ts'
import type { NetRestrict } from './options.ts'
import type { PacketNode } from './packet-types.ts'
import type { Transport } from './transport.ts'

/** Ports that geth takes no node at: below are those of other services, which somebody may want us to write to. */
export const lastSystemPort = 1024

export interface ToldNodesOptions {
  readonly self: string
  readonly table: Table<NodeAddress>
  readonly identities: Identities
  readonly transport: Transport
  readonly history: History
  readonly netRestrict: NetRestrict | undefined
}

/** Judges the nodes that others tell us of. */
export class ToldNodes {
  readonly #options: ToldNodesOptions

  constructor(options: ToldNodesOptions) {
    this.#options = options
  }

  /** The node, if it may be contacted. */
  accept(told: PacketNode, by: NodeAddress, fromIp: string): NodeAddress | undefined {
    const { identities, self, table, history } = this.#options
    const identity = identities.checked(told.publicKey)
    if (identity === undefined || identity.nodeIdHex === self) return undefined
    // Where a node is whose endpoint we have proof of, nobody else needs to tell us.
    const known = table.get(identity.nodeId)
    if (known?.isLive) return known.entry
    const rule = this.#refusal(told, fromIp)
    if (rule !== undefined || told.ip === undefined) {
      history.note(identity.nodeIdHex, 'refused', rule ?? 'invalid', `told by ${by.nodeIdHex}`)
      return undefined
    }
    const { ip, udpPort, tcpPort } = told
    const entry = known?.entry
    if (entry !== undefined && entry.host === ip && entry.udpPort === udpPort) return entry
    return identities.node(identity, { ip, udpPort, tcpPort })
  }

  #refusal({ ip, udpPort }: PacketNode, fromIp: string): string | undefined {
    const { netRestrict, transport } = this.#options
    if (ip === undefined) return 'invalid'
    if (udpPort <= lastSystemPort) return 'low-port'
    const relay = relayRefusal(fromIp, ip)
    if (relay !== undefined) return relay
    if (!transport.reaches(ip)) return 'address-family'
    return netRestrict?.contains(ip) === false ? 'net-restrict' : undefined
  }
}
