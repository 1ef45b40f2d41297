import {
  EnrError,
  type EntryValue,
  ip6Entry,
  ipEntry,
  type NodeRecord,
  type SignRecordOptions,
  signRecord,
  tcpEntry,
  udpEntry,
} from '@ethwire/enr'
import { NodeError } from '../errors.ts'
import type { EndpointOptions } from '../options/endpoint-options.ts'

/** An endpoint in a record, as geth's `devp2p key to-enr` writes it. @throws RangeError for a port that no record has */
export function endpointEntries({ ip, tcp, udp }: Partial<EndpointOptions>): EntryValue[] {
  return [
    ...(ip === undefined || ip === '' ? [] : [ip.includes(':') ? ip6Entry.of(ip) : ipEntry.of(ip)]),
    ...(tcp === undefined || tcp === 0 ? [] : [tcpEntry.of(tcp)]),
    ...(udp === undefined || udp === 0 ? [] : [udpEntry.of(udp)]),
  ]
}

/** Signs a record of what the user gave. @throws NodeError `NODE_USAGE` if there can be no such record */
export function signGiven(
  entries: () => readonly EntryValue[],
  options: Omit<SignRecordOptions, 'entries'>,
): NodeRecord {
  try {
    return signRecord({ ...options, entries: entries() })
  } catch (error) {
    if (error instanceof EnrError || error instanceof RangeError || error instanceof TypeError)
      throw new NodeError('NODE_USAGE', `no such record can be: ${error.message}`, { cause: error })
    throw error
  }
}
