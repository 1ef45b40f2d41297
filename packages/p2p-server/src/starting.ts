import { defineEntry, maxRecordBytes, type NodeRecord, tcpEntry } from '@ethwire/enr'
import type { BindDatagram, DatagramSocket, Listen, Listener } from '@ethwire/io'
import { isLan, isUnspecified } from '@ethwire/netutil'
import { raw } from '@ethwire/rlp-codec'
import type { DiscoveryContext, DiscoveryFactory } from './discovery.ts'
import { openPorts } from './listening.ts'
import { namedStep } from './named-step.ts'
import { type NatMapping, startNatMapping } from './nat-mapping.ts'
import type { P2pServerOptions } from './options.ts'
import { type RunningDiscovery, startDiscovery } from './starting-discovery.ts'
import type { Undo } from './undo.ts'

/** As geth: with nothing better known, a node is at least reachable from its own machine. */
const LOOPBACK = '127.0.0.1'

/** What a server holds of the machine. */
export interface Started {
  readonly listener: Listener | undefined
  readonly socket: DatagramSocket | undefined
  readonly discovery: readonly RunningDiscovery[]
  readonly natMapping: NatMapping | undefined
}

export interface StartingOptions {
  readonly options: Pick<P2pServerOptions, 'protocols' | 'localNode' | 'listen' | 'discAddr' | 'nat'>
  /** Those that are to run. */
  readonly factories: readonly DiscoveryFactory[]
  readonly bind: Listen
  readonly bindDatagram: BindDatagram
  readonly context: Omit<DiscoveryContext, 'socket' | 'unhandled'>
  /** Takes back what was done so far. */
  readonly undo: Undo
}

/**
 * Starts in geth's order what a server needs before it can dial: record, NAT, TCP listener, UDP.
 * @throws P2pError `P2P_LISTEN_FAILED`, `P2P_DISCOVERY_FAILED`; then what was started is in `undo`
 */
export async function start({
  options,
  factories,
  bind,
  bindDatagram,
  context,
  undo,
}: StartingOptions): Promise<Started> {
  const { localNode, clock, logger, signal } = context
  const { protocols, listen, discAddr, nat } = options
  // What others who share the node have set; one of the server's own goes with a start that fails.
  let before: NodeRecord['entries'] | undefined
  for (const protocol of protocols) {
    namedStep(`${protocol.name}: its entries of the record`, () => {
      for (const { key, value } of protocol.recordEntries?.() ?? []) {
        if (options.localNode !== undefined) before ??= options.localNode.record.entries
        const entry = defineEntry(key, raw(maxRecordBytes))
        localNode.set(entry, value)
        const valueBefore = before?.get(key)
        undo.push(`the record's ${key}`, () =>
          valueBefore === undefined ? localNode.delete(entry) : localNode.set(entry, valueBefore),
        )
      }
    })
  }
  const natMapping = nat && (await startNatMapping({ mapper: nat, localNode, clock, logger }))
  if (natMapping !== undefined) undo.push('the port mapping', () => natMapping.close())

  const { listener, socket } = await openPorts({
    listen,
    discAddr,
    withUdp: factories.length > 0,
    bind,
    bindDatagram,
    clock,
  })
  const ip = (listener ?? socket)?.local.ip
  if (ip !== undefined) localNode.setFallbackIp(isUnspecified(ip) ? LOOPBACK : ip)
  if (listener !== undefined) {
    undo.push('the listener', () => listener.close())
    localNode.set(tcpEntry, listener.local.port)
    undo.push('the TCP port of the record', () => localNode.delete(tcpEntry))
    if (!isLan(listener.local.ip)) natMapping?.map('tcp', listener.local.port, (port) => localNode.set(tcpEntry, port))
  }
  if (socket !== undefined) {
    undo.push('the UDP socket', () => socket.close())
    localNode.setFallbackUdp(socket.local.port)
    undo.push('the UDP port of the record', () => localNode.setFallbackUdp(0))
    if (!isLan(socket.local.ip)) natMapping?.map('udp', socket.local.port, localNode.setFallbackUdp)
  }
  const discovery = socket === undefined ? [] : await startDiscovery(factories, socket, context, undo)
  signal.throwIfAborted()
  return { listener, socket, discovery, natMapping }
}
