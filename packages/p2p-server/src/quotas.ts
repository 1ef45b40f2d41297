import type { AdmissionLimits } from './admission.ts'
import { withDefaults } from './option-defaults.ts'
import type { P2pServerOptions } from './options.ts'

/** What quotas are made from. */
export interface QuotaConfig {
  readonly maxPeers: number
  readonly dialRatio: number
  readonly noDial: boolean
  readonly noDiscovery: boolean
}

/** How many peers there may be on either side of a dial. */
export interface Quotas {
  /** Peers that this side should have dialled. */
  readonly maxDialed: number
  /** Peers that may have dialled us. */
  readonly maxInbound: number
  /** Whether a static node that we have dialled is let in over `maxPeers`. Default false. */
  readonly staticBypassesMaxPeers?: boolean
}

/** Divides the places for peers. */
export type QuotaPolicy = (config: QuotaConfig) => Quotas

/** Whose rules a server follows where geth has changed its own. */
export type ServerPolicy = 'geth-2026' | 'geth-2018'

/** geth's of today, and those of 1.8: there nothing is dialled without discovery but static nodes, and no place is sure. */
const quotaPolicies: Readonly<Record<ServerPolicy, QuotaPolicy>> = {
  'geth-2026': ({ maxPeers, dialRatio, noDial }) => {
    const maxDialed = noDial || maxPeers === 0 ? 0 : Math.max(1, Math.floor(maxPeers / dialRatio))
    return { maxDialed, maxInbound: maxPeers - maxDialed }
  },
  'geth-2018': ({ maxPeers, dialRatio, noDial, noDiscovery }) => {
    const maxDialed = noDial || noDiscovery ? 0 : Math.floor(maxPeers / dialRatio)
    return { maxDialed, maxInbound: maxPeers - maxDialed, staticBypassesMaxPeers: true }
  },
}

/**
 * The limits that hold under a server's options.
 * @throws RangeError for quotas that are no numbers of peers
 */
export function quotasOf(options: P2pServerOptions): AdmissionLimits & Quotas {
  const { maxPeers, dialRatio, noDial, noDiscovery, staticOnly, policy } = withDefaults(options)
  const divide = options.quotas ?? quotaPolicies[policy]
  const quotas = staticOnly
    ? { maxDialed: noDial ? 0 : maxPeers, maxInbound: maxPeers }
    : divide({ maxPeers, dialRatio, noDial, noDiscovery })
  if (typeof quotas !== 'object' || quotas === null)
    throw new TypeError(`quotas must give an object with maxDialed and maxInbound, got ${String(quotas)}`)
  for (const name of ['maxDialed', 'maxInbound'] as const) {
    const value = quotas[name]
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`quotas must give a ${name} that is an integer from 0, got ${value}`)
  }
  const { maxDialed, maxInbound, staticBypassesMaxPeers = false } = quotas
  return { maxPeers, maxDialed, maxInbound, staticBypassesMaxPeers, staticOnly }
}
