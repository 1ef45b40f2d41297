import { ipFromBytes, toIp } from '@ethwire/netutil'
import { bytes, convert, decode, encode, list, type Schema, safeUint, struct, u8, u32, u64 } from '@ethwire/rlp-codec'
import { type Contact, maxContacts } from './contact.ts'

/** What is known of a node beside its address. */
export interface ContactsValue {
  /** The sequence number of the stored record; 0 without one. */
  readonly seq: bigint
  readonly contacts: Contact[]
}

const form = 1

const ipSchema: Schema<string> = convert(bytes(16), {
  read: (ip) => ipFromBytes(ip).text,
  write: (ip) => toIp(ip).bytes,
})

const contactSchema = struct({
  ip: ipSchema,
  lastPongMs: safeUint,
  lastPingMs: safeUint,
  findFailures: u32,
  findFailuresV5: u32,
})

const valueSchema = struct({ form: u8, seq: u64, contacts: list(contactSchema, maxContacts) })

export function encodeContacts({ seq, contacts }: ContactsValue): Uint8Array {
  return encode(valueSchema, { form, seq, contacts })
}

/** @throws RlpError, RangeError for what `encodeContacts` does not write */
export function decodeContacts(value: Uint8Array): ContactsValue {
  const { form: found, seq, contacts } = decode(valueSchema, value)
  if (found !== form) throw new RangeError(`expected contacts in the form ${form}, got ${found}`)
  if (new Set(contacts.map(({ ip }) => ip)).size < contacts.length) throw new RangeError('an address comes twice')
  return { seq, contacts }
}
