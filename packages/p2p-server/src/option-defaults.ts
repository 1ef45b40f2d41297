import type { P2pServerOptions } from './options.ts'

/** What holds where an option says nothing: geth's values. */
export const optionDefaults = {
  host: '0.0.0.0',
  maxPeers: 50,
  maxPendingPeers: 50,
  dialRatio: 3,
  noDial: false,
  staticOnly: false,
  policy: 'geth-2026',
  dropper: false,
  noDiscovery: false,
  enableMsgEvents: false,
} as const

type DefaultName = Exclude<keyof typeof optionDefaults, 'host'>

/** Options whose defaults are filled in; one that is there but undefined counts as absent. */
export type WithDefaults = Omit<P2pServerOptions, DefaultName> & Required<Pick<P2pServerOptions, DefaultName>>

export function withDefaults(options: P2pServerOptions): WithDefaults {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...optionDefaults, ...(Object.fromEntries(given) as unknown as P2pServerOptions) }
}
