import type { LocalNode } from '@ethwire/enr'
import { type Clock, type Logger, sleep } from '@ethwire/io'
import type { NatMapper, PortMapping } from '@ethwire/nat'
import { parseIp } from '@ethwire/netutil'
import { within } from './within.ts'

// geth's times (p2p/server_nat.go).
const LIFETIME_MS = 10 * 60_000
const REFRESH_MS = 8 * 60_000
const RETRY_MS = 5 * 60_000
const ADDRESS_POLL_MS = 2 * 60_000
const MAX_FAILURES = 5
/** How long a start waits for the external address, and a close for the gateway. */
const PATIENCE_MS = 1_000

/** Keeps the external address and ports in the local record. */
export interface NatMapping {
  /** Asks for a port, again and again; `onPort` is told the external one when it is another than before. */
  map(protocol: PortMapping['protocol'], port: number, onPort: (externalPort: number) => void): void
  /** Gives the ports back, as far as the gateway answers within a second. */
  close(): Promise<void>
}

export interface NatMappingOptions {
  readonly mapper: NatMapper
  readonly localNode: LocalNode
  readonly clock: Clock
  readonly logger: Logger
}

/** Starts asking for the external address; resolves when it is known, or after a second. Never rejects. */
export async function startNatMapping({ mapper, localNode, clock, logger }: NatMappingOptions): Promise<NatMapping> {
  const lifetime = new AbortController()
  const { signal } = lifetime
  // bounded: two, one for TCP and one for UDP
  const mapped: Promise<void>[] = []
  let address: { readonly text: string; readonly family: 4 | 6 } | undefined
  let moved = new AbortController()

  async function askAddress(): Promise<void> {
    try {
      const ip = parseIp(await mapper.externalIp({ signal }))
      if (signal.aborted || ip === undefined || ip.text === address?.text) return
      logger.debug({ nat: mapper.name, ip: ip.text }, 'The external address is known')
      if (address !== undefined && address.family !== ip.family) localNode.clearStaticIp(address.family)
      localNode.setStaticIp(ip.text)
      address = ip
      // In another network, the ports have to be asked for anew.
      moved.abort()
      moved = new AbortController()
    } catch (err) {
      if (!signal.aborted) logger.debug({ nat: mapper.name, err }, 'The external address is not known')
    }
  }

  async function watchAddress(): Promise<void> {
    while (!signal.aborted) {
      await sleep(clock, ADDRESS_POLL_MS, { signal }).catch(() => undefined)
      if (!signal.aborted) await askAddress()
    }
  }

  async function keepMapped(mapping: PortMapping, onPort: (externalPort: number) => void): Promise<void> {
    const { protocol } = mapping
    const request = { ...mapping, description: `ethwire ${protocol}`, lifetimeMs: LIFETIME_MS }
    let externalPort = mapping.externalPort
    let failures = 0
    while (!signal.aborted) {
      let isMapped = false
      try {
        const given = await mapper.addMapping({ ...request, externalPort }, { signal })
        if (signal.aborted) break
        isMapped = true
        failures = 0
        if (given !== externalPort) onPort(given)
        externalPort = given
      } catch (err) {
        failures++
        if (!signal.aborted) logger.debug({ nat: mapper.name, protocol, err, failures }, 'A port could not be mapped')
        if (failures > MAX_FAILURES) await unmap({ ...mapping, externalPort })
      }
      const wait = AbortSignal.any([signal, moved.signal])
      await sleep(clock, isMapped ? REFRESH_MS : RETRY_MS, { signal: wait }).catch(() => undefined)
    }
    await unmap({ ...mapping, externalPort })
  }

  async function unmap(mapping: PortMapping): Promise<void> {
    const stop = new AbortController()
    const deleting = async (): Promise<void> => mapper.deleteMapping(mapping, { signal: stop.signal })
    await within(clock, PATIENCE_MS, deleting())
    stop.abort()
  }

  await within(clock, PATIENCE_MS, askAddress())
  const watching = watchAddress()
  return {
    map(protocol, port, onPort) {
      mapped.push(keepMapped({ protocol, externalPort: port, internalPort: port }, onPort))
    },
    async close() {
      lifetime.abort()
      await within(clock, 2 * PATIENCE_MS, Promise.all([watching, ...mapped]))
    },
  }
}
