import { isLan, networkKey, parseIp } from '@ethwire/netutil'

/** What passed between us and a node at one IP address. Times are unix milliseconds, 0 for never. */
export interface Contact {
  /** In canonical form. */
  readonly ip: string
  /** Its last pong to us: the proof that it is there. */
  lastPongMs: number
  /** Its last ping to us. */
  lastPingMs: number
  findFailures: number
  findFailuresV5: number
}

/** Addresses of one node. A node has one or two; whoever owns a key can claim others without end. */
export const maxContacts = 4

export function contactOf(contacts: readonly Contact[], ip: string): Contact | undefined {
  const found = contacts.find((contact) => contact.ip === ip)
  if (found !== undefined || contacts.length === 0) return found
  // Not as it is stored: perhaps another form of it.
  const canonical = parseIp(ip)?.text
  return canonical === ip ? undefined : contacts.find((contact) => contact.ip === canonical)
}

/** The contact of this address, made if there is none; undefined for text that is no address. */
export function ensureContact(contacts: Contact[], ip: string): Contact | undefined {
  const found = contactOf(contacts, ip)
  if (found !== undefined) return found
  const canonical = parseIp(ip)?.text
  if (canonical === undefined) return undefined
  const made: Contact = { ip: canonical, lastPongMs: 0, lastPingMs: 0, findFailures: 0, findFailuresV5: 0 }
  if (contacts.length >= maxContacts) {
    // The one least proven goes: an address in a forged packet never pushes out one that has answered.
    const least = contacts.reduce((a, b) => (isBefore(b, a) ? b : a))
    contacts.splice(contacts.indexOf(least), 1)
  }
  contacts.push(made)
  return made
}

function isBefore(a: Contact, b: Contact): boolean {
  return a.lastPongMs === b.lastPongMs ? a.lastPingMs < b.lastPingMs : a.lastPongMs < b.lastPongMs
}

/** The contact that has answered last; undefined if none ever has. */
export function lastAnswering(contacts: readonly Contact[]): Contact | undefined {
  let last: Contact | undefined
  for (const contact of contacts) if (contact.lastPongMs > (last?.lastPongMs ?? 0)) last = contact
  return last
}

/**
 * The network that one owner has cheaply: an IPv4 /24 or an IPv6 /48. Undefined for addresses of the LAN and of this
 * machine, of which nobody outside has any.
 */
export function subnetOf(ip: string): string | undefined {
  const address = parseIp(ip)
  if (address === undefined || isLan(address)) return undefined
  return networkKey(address, { bits4: 24, bits6: 48 })
}
