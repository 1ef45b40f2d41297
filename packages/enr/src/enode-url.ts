import { pureCrypto } from '@ethwire/crypto'
import { parseIp } from '@ethwire/netutil'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { EnrError } from './errors.ts'
import type { CryptoOption } from './node-id.ts'

/** A node's address in geth's oldest form. */
export interface EnodeUrl {
  /** 64 bytes. */
  readonly publicKey: Uint8Array
  /** An IP address in canonical form or a host name in lower case; absent when the URL has only the key. */
  readonly host?: string
  /** 0 says that the node takes no TCP connections. */
  readonly tcpPort: number
  readonly udpPort: number
}

const scheme = 'enode://'
const maxLength = 1024
const hostLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

function parsePublicKey(digits: string, options: CryptoOption): Uint8Array {
  if (digits.length !== 128 || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw new EnrError('ENODE_PUBLIC_KEY', `expected a public key of 128 hex digits, got ${digits.length} characters`)
  }
  const publicKey = hexToBytes(digits)
  if (!(options.crypto ?? pureCrypto).isPublicKey(publicKey)) {
    throw new EnrError('ENODE_PUBLIC_KEY', 'the public key is no point of the curve')
  }
  return publicKey
}

function parsePort(text: string, what: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65535)) throw new EnrError('ENODE_PORT', `expected a ${what} port from 0 to 65535`)
  return port
}

function parseHost(text: string): string {
  if (text.startsWith('[')) {
    const ip = text.endsWith(']') ? parseIp(text.slice(1, -1)) : undefined
    if (ip === undefined || !text.includes(':'))
      throw new EnrError('ENODE_HOST', 'expected an IPv6 address in brackets')
    return ip.text
  }
  const ip = parseIp(text)
  if (ip?.family === 4 && !text.includes(':')) return ip.text
  const name = text.toLowerCase()
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  // A name that ends in a number would be taken for an address by some resolvers, in a form that no filter has seen.
  const endsInNumber = /^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')
  if (name.length > 253 || endsInNumber || !labels.every((label) => hostLabel.test(label))) {
    throw new EnrError('ENODE_HOST', 'expected an IPv4 address, an IPv6 address in brackets or a host name')
  }
  return name
}

/**
 * Reads `enode://KEY@HOST:TCP?discport=UDP`, as geth does. Without `discport` the UDP port is the TCP port. `enode://KEY`
 * alone is a node whose address is not known.
 *
 * @throws EnrError `ENODE_…`
 */
export function parseEnode(url: string, options: CryptoOption = {}): EnodeUrl {
  if (url.length > maxLength) throw new EnrError('ENODE_URL', `an enode URL has at most ${maxLength} characters`)
  if (!url.startsWith(scheme)) throw new EnrError('ENODE_URL', `expected a URL that begins with ${scheme}`)
  const rest = url.slice(scheme.length)
  const at = rest.indexOf('@')
  if (at < 0) return { publicKey: parsePublicKey(rest, options), tcpPort: 0, udpPort: 0 }

  const question = rest.indexOf('?', at)
  const authority = question < 0 ? rest.slice(at + 1) : rest.slice(at + 1, question)
  const colon = authority.lastIndexOf(':')
  // In `[::1]` the last colon belongs to the address.
  if (colon < 0 || authority.endsWith(']')) throw new EnrError('ENODE_PORT', 'expected a port after the host')
  const host = parseHost(authority.slice(0, colon))
  const tcpPort = parsePort(authority.slice(colon + 1), 'TCP')
  const discport = question < 0 ? null : new URLSearchParams(rest.slice(question + 1)).get('discport')
  return {
    publicKey: parsePublicKey(rest.slice(0, at), options),
    host,
    tcpPort,
    udpPort: discport === null || discport === '' ? tcpPort : parsePort(discport, 'discovery'),
  }
}

/** Writes an enode URL as geth does. */
export function formatEnode(enode: EnodeUrl): string {
  const { publicKey, host, tcpPort, udpPort } = enode
  const key = bytesToHex(publicKey)
  if (host === undefined) return `${scheme}${key}`
  const shown = host.includes(':') ? `[${host}]` : host
  const query = udpPort === tcpPort ? '' : `?discport=${udpPort}`
  return `${scheme}${key}@${shown}:${tcpPort}${query}`
}
