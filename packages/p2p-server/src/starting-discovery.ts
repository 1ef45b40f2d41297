import type { Datagram, DatagramSocket, Logger } from '@ethwire/io'
import type { Discovery, DiscoveryContext, DiscoveryFactory } from './discovery.ts'
import { stepFailed, withStartDeadline } from './named-step.ts'
import type { P2pServerOptions } from './options.ts'
import { createRelaySocket } from './shared-socket.ts'
import type { Undo } from './undo.ts'

/** A discovery protocol that runs, by its factory's name. */
export interface RunningDiscovery {
  readonly name: string
  readonly discovery: Discovery
}

/** Which discovery protocols are to run. One that is asked for and not there is warned of, once. */
export function wantedDiscovery(
  { discovery = [], noDiscovery, discoveryV4, discoveryV5 }: P2pServerOptions,
  logger: Logger,
): readonly DiscoveryFactory[] {
  if (noDiscovery) return []
  const switches: readonly [option: string, name: string, isOn: boolean | undefined][] = [
    ['discoveryV4', 'discv4', discoveryV4],
    ['discoveryV5', 'discv5', discoveryV5],
  ]
  for (const [option, name, isOn] of switches) {
    if (isOn === true && discovery.every((factory) => factory.name !== name))
      logger.warn({ option, missing: name }, `${option} is on, but no discovery protocol named ${name} was given`)
  }
  return discovery.filter(({ name }) => !switches.some(([, switched, isOn]) => switched === name && isOn === false))
}

/**
 * Starts discovery protocols on one socket: the first reads it; each next one gets what the one before did not understand.
 * @throws P2pError `P2P_DISCOVERY_FAILED`, naming the protocol, also when it takes longer than 10 s; what ran already is in
 * `undo`, and what comes late is closed
 */
export async function startDiscovery(
  factories: readonly DiscoveryFactory[],
  socket: DatagramSocket,
  context: Omit<DiscoveryContext, 'socket' | 'unhandled'>,
  undo: Undo,
): Promise<RunningDiscovery[]> {
  const { clock, logger, metrics, signal } = context
  const relays = factories.slice(1).map(() => createRelaySocket(socket))
  const dropped = metrics.counter('p2p/discovery/unhandled')
  const started: RunningDiscovery[] = []
  for (const [index, factory] of factories.entries()) {
    const { name } = factory
    const unhandled = (datagram: Datagram): void => {
      // Nobody understood it, or who might has too many to read already.
      if (relays[index]?.push(datagram) !== true) dropped.add()
    }
    try {
      const own = index === 0 ? socket : (relays[index - 1]?.socket ?? socket)
      const starting = factory({ ...context, socket: own, unhandled })
      const discovery = await withStartDeadline(clock, starting, (late) => late.close())
      undo.push(name, () => discovery.close())
      started.push({ name, discovery })
      signal.throwIfAborted()
    } catch (cause) {
      throw stepFailed('P2P_DISCOVERY_FAILED', `can't start ${name}`, cause)
    }
    logger.debug({ protocol: name, addr: `${socket.local.ip}:${socket.local.port}` }, 'Discovery started')
  }
  return started
}
