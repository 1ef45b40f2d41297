import type { Crypto } from '@ethwire/crypto'
import { createDiscv4, type Discv4 } from '@ethwire/discv4'
import { createLocalNode, type LocalNode, type NodeAddress } from '@ethwire/enr'
import type { Clock, DatagramSocket, Logger, SocketEndpoint } from '@ethwire/io'
import { bindDatagram, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { isUnspecified } from '@ethwire/netutil'
import { bootnodes as publicBootnodes } from '../bootnodes.ts'
import { chooseCrypto } from '../crypto-choice.ts'
import { codeOf, NodeError, reasonOf } from '../errors.ts'
import { parseNodeArgument } from '../node-argument.ts'
import { openNodeDatabaseAt } from '../node-database.ts'
import type { Discv4ToolOptions } from '../options/discv4-options.ts'
import { createShutdown } from '../shutdown.ts'
import { createTerminal, type Terminal } from '../terminal.ts'

/** Discovery at work for one command. */
export interface DiscoverySession {
  readonly discovery: Discv4
  readonly terminal: Terminal
  readonly logger: Logger
  readonly clock: Clock
  readonly crypto: Crypto
  /** Aborts when the command is asked to end. */
  readonly signal: AbortSignal
}

/** What a command has before discovery begins. */
export type SessionBasis = Omit<DiscoverySession, 'discovery'>

/** Runs a step with a terminal and a signal to stop it; a step that was stopped ends with code 130, as for shells. */
export async function withBasis(
  options: Discv4ToolOptions,
  step: (basis: SessionBasis) => Promise<number>,
): Promise<number> {
  const clock = nodeClock
  await using terminal = await createTerminal({ verbosity: options.verbosity, clock })
  const logger = terminal.logger.of('discv4')
  using shutdown = createShutdown(clock, logger)
  const { signal } = shutdown
  try {
    return await step({ terminal, logger, clock, crypto: chooseCrypto(logger), signal })
  } catch (error) {
    if (!signal.aborted || error instanceof NodeError) throw error
    return 130
  }
}

/** Runs a step with discovery, which begins with `bootnodes` and is closed at the end. @throws NodeError */
export async function withDiscovery(
  options: Discv4ToolOptions,
  bootnodes: readonly NodeAddress[],
  basis: SessionBasis,
  step: (session: DiscoverySession) => Promise<number>,
): Promise<number> {
  const { crypto, clock, logger, signal } = basis
  const databaseOptions = { clock, random: nodeRandom, logger, crypto }
  await using nodeDatabase = await openNodeDatabaseAt(options.nodedb, '--nodedb', databaseOptions)
  const privateKey = privateKeyOf(options, crypto)
  const localNode = await createLocalNode({ privateKey, sequenceStore: nodeDatabase, clock, crypto })
  const socket = await bind(options.addr)
  try {
    announce(localNode, socket.local, options)
    await using discovery = await createDiscv4({
      ...{ privateKey, localNode, socket, bootnodes, nodeDatabase, crypto, clock, random: nodeRandom, logger, signal },
      resolver: nodeResolver,
    })
    return await step({ ...basis, discovery })
  } finally {
    await socket.close()
  }
}

/** Whom to begin with; undefined where nobody has said. @throws NodeError `NODE_USAGE` */
export function bootnodesOf(options: Discv4ToolOptions, crypto: Crypto): readonly NodeAddress[] | undefined {
  const networks = (['mainnet', 'sepolia', 'hoodi'] as const).filter((name) => options[name] === true)
  const { bootnodes } = options
  const said = [...(bootnodes === undefined ? [] : ['bootnodes']), ...networks]
  if (said.length > 1) {
    const flags = said.map((name) => `--${name}`).join(' and ')
    throw new NodeError('NODE_USAGE', `options ${flags} are mutually exclusive`)
  }
  const [network] = networks
  const texts = network === undefined ? bootnodes : publicBootnodes[network]
  return texts?.map((text) => parseNodeArgument(text, '--bootnodes', crypto))
}

/** @throws NodeError `NODE_USAGE` where nobody has said whom to begin with */
export function expectBootnodes(bootnodes: readonly NodeAddress[] | undefined, what: string): readonly NodeAddress[] {
  if (bootnodes === undefined) throw noBootnodes(what)
  return bootnodes
}

export function noBootnodes(what: string): NodeError {
  const flags = '--bootnodes enode://…, or --mainnet, --sepolia or --hoodi for those of a public network'
  return new NodeError('NODE_USAGE', `${what} needs nodes to begin with: ${flags}`)
}

function privateKeyOf({ nodekey }: Discv4ToolOptions, crypto: Crypto): Uint8Array {
  if (nodekey !== undefined) {
    const key = Uint8Array.from(Buffer.from(nodekey, 'hex'))
    if (crypto.isPrivateKey(key)) return key
    throw new NodeError('NODE_USAGE', '--nodekey: expected a valid private key')
  }
  for (;;) {
    const key = nodeRandom.bytes(32)
    if (crypto.isPrivateKey(key)) return key
  }
}

async function bind(addr: SocketEndpoint | undefined): Promise<DatagramSocket> {
  const wanted = addr ?? { ip: '::', port: 0 }
  try {
    return await bindDatagram(wanted)
  } catch (error) {
    // No IPv6 on this machine.
    if (wanted.ip === '::' && codeOf(error) !== 'IO_ADDRESS_IN_USE') return await bindAt({ ...wanted, ip: '0.0.0.0' })
    throw listenError(wanted, error)
  }
}

async function bindAt(endpoint: SocketEndpoint): Promise<DatagramSocket> {
  try {
    return await bindDatagram(endpoint)
  } catch (error) {
    throw listenError(endpoint, error)
  }
}

function listenError({ ip, port }: SocketEndpoint, error: unknown): NodeError {
  const isTaken = codeOf(error) === 'IO_ADDRESS_IN_USE'
  const problem = isTaken ? 'address already in use; choose another --addr' : reasonOf(error)
  return new NodeError('NODE_LISTEN', `cannot listen for packets on ${ip}, UDP port ${port}: ${problem}`, {
    cause: error,
  })
}

/** What the record says of where we are: what the user says, else where we listen, as geth's tool has it. */
function announce(localNode: LocalNode, local: SocketEndpoint, { extaddr }: Discv4ToolOptions): void {
  localNode.setFallbackUdp(extaddr?.udpPort ?? local.port)
  if (extaddr === undefined) localNode.setFallbackIp(isUnspecified(local.ip) ? '127.0.0.1' : local.ip)
  else for (const { text } of extaddr.ips) localNode.setStaticIp(text)
}
