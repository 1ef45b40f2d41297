import type { BindDatagram, Clock, DatagramSocket, Listen, Listener } from '@ethwire/io'
import { P2pError } from './errors.ts'
import { formatEndpoint } from './info.ts'
import { stepFailed, withStartDeadline } from './named-step.ts'
import { optionDefaults } from './option-defaults.ts'
import type { DiscoveryAddress, ListenOptions } from './options.ts'

/** With port 0, the number that TCP got may be taken for UDP: then another is tried. */
const MAX_TRIES = 10

/** What a server listens on. */
export interface Ports {
  readonly listener: Listener | undefined
  readonly socket: DatagramSocket | undefined
}

export interface ListeningOptions {
  /** Absent: no TCP, and any port for UDP. */
  readonly listen: ListenOptions | undefined
  readonly discAddr: DiscoveryAddress | undefined
  /** Whether a UDP socket is wanted. */
  readonly withUdp: boolean
  readonly bind: Listen
  readonly bindDatagram: BindDatagram
  readonly clock: Clock
}

/**
 * Binds TCP and UDP, where nothing else is said under the same number.
 * @throws P2pError `P2P_LISTEN_FAILED`; then nothing stays bound
 */
export async function openPorts(options: ListeningOptions): Promise<Ports> {
  const { listen, discAddr, withUdp, bind, bindDatagram, clock } = options
  const { host: ip = optionDefaults.host } = listen ?? {}
  const { host: udpIp = ip, port: udpPort } = discAddr ?? {}
  for (let tries = 1; ; tries++) {
    const listener = listen && (await open(clock, 'TCP', ip, listen.port, bind))
    if (!withUdp) return { listener, socket: undefined }
    try {
      const socket = await open(clock, 'UDP', udpIp, udpPort ?? listener?.local.port ?? 0, bindDatagram)
      return { listener, socket }
    } catch (error) {
      await listener?.close()
      const isLate = error instanceof P2pError && error.rule === 'start-deadline'
      const isLuck = listen?.port === 0 && udpPort === undefined && tries < MAX_TRIES && !isLate
      if (!isLuck) throw error
    }
  }
}

async function open<T extends { close(): Promise<void> }>(
  clock: Clock,
  what: 'TCP' | 'UDP',
  ip: string,
  port: number,
  bind: (endpoint: { ip: string; port: number }) => Promise<T>,
): Promise<T> {
  try {
    return await withStartDeadline(clock, bind({ ip, port }), (late) => late.close())
  } catch (cause) {
    throw stepFailed('P2P_LISTEN_FAILED', `can't listen on ${formatEndpoint({ ip, port })} (${what})`, cause)
  }
}
