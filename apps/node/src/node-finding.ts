import type { Crypto } from '@ethwire/crypto'
import { type Discv4, discv4 } from '@ethwire/discv4'
import type { Logger } from '@ethwire/io'
import { isLoopback, type Netlist } from '@ethwire/netutil'
import type { DiscoveryFactory } from '@ethwire/p2p-server'
import { bootnodes as publicBootnodes } from './bootnodes.ts'
import type { ChosenNetwork } from './network.ts'
import { parseNodeArgument } from './node-argument.ts'
import { type DiscoveryOptions, netRestriction, type TimeServer } from './options/discovery-options.ts'

/** Asked for the time where nothing else is said, on public networks. */
const defaultTimeServer: TimeServer = { host: 'pool.ntp.org' }

/** Whom a node asks first, and for the time. */
export interface NodeFinding {
  /** `enode://` URLs and `enr:` records. */
  readonly bootnodes: readonly string[]
  readonly timeServer: TimeServer | undefined
}

/**
 * How nodes are found, unless that is not wished: then nobody is asked for the time either, which discovery alone needs.
 * Where nothing is said, a private network has no bootnodes and no time server: what its operator did not name is not asked.
 * @throws NodeError `NODE_USAGE`
 */
export function chooseNodeFinding(
  options: Pick<DiscoveryOptions, 'bootnodes' | 'discovery.v4' | 'netrestrict' | 'nodiscover' | 'ntp'>,
  network: Pick<ChosenNetwork, 'name' | 'isPublic'>,
  crypto: Crypto,
): NodeFinding | undefined {
  const netrestrict = netRestriction(options)
  const { ntp } = options
  const bootnodes = options.bootnodes ?? bootnodesOf(network)
  for (const node of options.bootnodes ?? []) parseNodeArgument(node, '--bootnodes', crypto)
  if (options.nodiscover !== undefined || !options['discovery.v4']) return undefined
  const asksForTime = network.isPublic && !(netrestrict !== undefined && isLoopbackOnly(netrestrict))
  const timeServer = ntp ?? (asksForTime ? defaultTimeServer : 'none')
  return { bootnodes, timeServer: timeServer === 'none' ? undefined : timeServer }
}

function bootnodesOf({ name, isPublic }: Pick<ChosenNetwork, 'name' | 'isPublic'>): readonly string[] {
  return isPublic ? (publicBootnodes[name as keyof typeof publicBootnodes] ?? []) : []
}

function isLoopbackOnly({ networks }: Netlist): boolean {
  return networks.every(({ address, bits }) => isLoopback(address) && bits >= 8)
}

/** Discovery v4 as a server starts it, and the running one once it has. */
export interface StartedDiscv4 {
  readonly factory: DiscoveryFactory
  running(): Discv4 | undefined
}

/** As `discv4`, for those that have to ask the running protocol more than a server does. It has a log of its own. */
export function keepDiscv4(settings: Parameters<typeof discv4>[0], logger: Logger): StartedDiscv4 {
  const start = discv4(settings)
  let running: Discv4 | undefined
  const factory: DiscoveryFactory = async (context) => {
    running = await start({ ...context, logger })
    return running
  }
  return { factory: Object.defineProperty(factory, 'name', { value: start.name }), running: () => running }
}
