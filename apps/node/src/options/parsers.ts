import { parseIp } from '@ethwire/netutil'
import { InvalidArgumentError } from 'commander'

/** A port of one byte is how malformed records look; `@ethwire/enr` reads and writes none. */
const minRecordPort = 256

/** A whole number from `min` to `max`, for commander. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= min && number <= max)) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    }
    return number
  }
}

/** A port that a node's record can name, or 0 for a free one. */
export function recordPort(text: string): number {
  return requireRecordPort(integer(0, 65_535)(text))
}

/** The same of a port that has been read. */
export function requireRecordPort(port: number): number {
  if (port > 0 && port < minRecordPort) {
    throw new InvalidArgumentError(
      `Expected 0 or a port from ${minRecordPort} on: a node's record cannot name a lower one.`,
    )
  }
  return port
}

const maxNetworkId = (1n << 64n) - 1n

/** Network IDs have 64 bits. */
export function networkId(text: string): bigint {
  const id = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined
  if (id === undefined || id > maxNetworkId) throw new InvalidArgumentError('Expected a whole number of up to 64 bits.')
  return id
}

/** What Go's flags take for true and false; undefined for anything else. */
export function goBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  return undefined
}

/** A text that says something: an unset variable of a script is no path, and no address but all of them. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.')
  return text
}

/** An IP address, as the user has written it. */
export function ipAddress(text: string): string {
  if (parseIp(notEmpty(text)) === undefined) throw new InvalidArgumentError('Expected an IP address.')
  return text
}

/** Comma-separated, blanks around items ignored, empty items left out. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** A comma-separated list whose items must be among `known`. */
export function choices<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    commaList(text).map((item) => {
      const choice = known.find((one) => one === item)
      if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`)
      return choice
    })
}

/** A list that may not be empty. */
export function atLeastOne<T>(parse: (text: string) => T[]): (text: string) => T[] {
  return (text) => {
    const items = parse(text)
    if (items.length === 0) throw new InvalidArgumentError('Expected at least one.')
    return items
  }
}

/** A block hash, or the word `peers`. */
export function headChoice(text: string): Uint8Array | 'peers' {
  if (text === 'peers') return text
  if (!/^0x[0-9a-f]{64}$/i.test(text))
    throw new InvalidArgumentError('Expected "peers" or a block hash, 0x and 64 hex digits.')
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
}

/** What goes into a client name between slashes. */
export function identity(text: string): string {
  if (!/^[\w.~-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError('Expected up to 64 letters, digits and the characters . _ ~ -')
  }
  return text
}
