import { isIP } from 'node:net'
import type { SocketEndpoint } from '../stream.ts'

const mapped = /^::ffff:(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i

/** An address as the platform tells it, as others know it: no zone, and IPv4 as IPv4 even on a dual-stack socket. */
export function toEndpoint(address: string, port: number): SocketEndpoint {
  const [ip = ''] = address.split('%', 1)
  return { ip: mapped.exec(ip)?.[1] ?? ip, port }
}

/** Names are not looked up here: what isn't an address must not reach the system's resolver. */
export function checkEndpoint(endpoint: SocketEndpoint): 4 | 6 {
  const family = isIP(endpoint.ip)
  if (family !== 4 && family !== 6) throw new TypeError(`expected an IP address, got ${JSON.stringify(endpoint.ip)}`)
  if (!Number.isInteger(endpoint.port) || endpoint.port < 0 || endpoint.port > 65535) {
    throw new RangeError(`expected a port from 0 to 65535, got ${endpoint.port}`)
  }
  return family
}

/** For messages: `10.0.0.1:30303`, `[::1]:30303`. */
export function showEndpoint({ ip, port }: SocketEndpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
