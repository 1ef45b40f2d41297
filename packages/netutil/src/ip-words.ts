import type { IpAddress } from './ip-address.ts'

/** The longest text of an address: eight groups of four digits, the last two in dotted decimal. */
const maxTextLength = 45
const dot = 46
const zero = 48
const colon = 58

/**
 * The address that `load` or `loadText` was given last, as signed 32-bit words in network order: four of IPv6, and the
 * first alone of IPv4. One place for all, so that checking a packet's sender or a node's address allocates nothing.
 */
export const words: Int32Array = new Int32Array(4)

const groups = new Uint16Array(8)

// One address is often looked at several times in a row: by the table's limit and by the bucket's, before the charge and
// at it.
let loadedText = ''
let loadedFamily: 0 | 4 | 6 = 0

/** Four decimal numbers without leading zeros, into the first word. */
function readFourPart(text: string, start: number): boolean {
  let word = 0
  let index = start
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(index++) !== dot) return false
    const first = text.charCodeAt(index) - zero
    // Written so that the NaN past the end is none either.
    if (!(first >= 0 && first <= 9)) return false
    let value = first
    index++
    for (;;) {
      const digit = text.charCodeAt(index) - zero
      if (!(digit >= 0 && digit <= 9)) break
      // Other programs take a number with a leading zero for octal.
      if (value === 0) return false
      value = value * 10 + digit
      if (value > 255) return false
      index++
    }
    word = (word << 8) | value
  }
  words[0] = word
  return index === text.length
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= zero && code <= 57) return code - zero
  const letter = (code | 32) - 97
  return letter >= 0 && letter <= 5 ? letter + 10 : -1
}

/** The forms of RFC 4291, section 2.2, into the groups; `false` for anything else. */
function readGroups(text: string): boolean {
  const end = text.length
  let count = 0
  let gap = -1
  let index = 0
  if (text.charCodeAt(0) === colon) {
    if (text.charCodeAt(1) !== colon) return false
    gap = 0
    index = 2
  }
  while (index < end) {
    if (count === 8) return false
    const start = index
    let value = 0
    for (; index < end; index++) {
      const digit = hexDigit(text.charCodeAt(index))
      if (digit < 0) break
      value = value * 16 + digit
    }
    if (index === start || index - start > 4) return false
    if (index < end && text.charCodeAt(index) === dot) {
      if (count > 6 || !readFourPart(text, start)) return false
      const word = words[0] as number
      groups[count++] = word >>> 16
      groups[count++] = word & 0xffff
      break
    }
    groups[count++] = value
    if (index === end) break
    if (text.charCodeAt(index++) !== colon || index === end) return false
    if (text.charCodeAt(index) === colon) {
      if (gap >= 0) return false
      gap = count
      index++
    }
  }
  if (gap < 0) return count === 8
  if (count > 7) return false
  groups.copyWithin(8 - (count - gap), gap, count)
  groups.fill(0, gap, 8 - (count - gap))
  return true
}

/** Groups into words. IPv4 in IPv6's clothes is the IPv4 address it stands for. */
function settle(): 4 | 6 {
  for (let index = 0; index < 4; index++) {
    words[index] = ((groups[index * 2] as number) << 16) | (groups[index * 2 + 1] as number)
  }
  if (words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff) return 6
  words[0] = words[3] as number
  return 4
}

/** Reads text into the words. Gives its family, or 0 for what is no address. */
export function loadText(text: string): 0 | 4 | 6 {
  if (text === loadedText) return loadedFamily
  loadedText = ''
  loadedFamily = 0
  if (text.length > maxTextLength) return 0
  let family: 0 | 4 | 6 = 0
  if (readFourPart(text, 0)) family = 4
  else if (readGroups(text)) family = settle()
  loadedText = family === 0 ? '' : text
  loadedFamily = family
  return family
}

/** Reads 4 or 16 bytes into the words; RangeError for any other number. */
export function loadBytes(bytes: Uint8Array): 4 | 6 {
  loadedText = ''
  loadedFamily = 0
  if (bytes.length === 4) {
    words[0] = wordAt(bytes, 0)
    return 4
  }
  if (bytes.length !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, got ${bytes.length}`)
  for (let index = 0; index < 8; index++) {
    groups[index] = ((bytes[index * 2] as number) << 8) | (bytes[index * 2 + 1] as number)
  }
  return settle()
}

/** Reads an address into the words. @throws TypeError for text that is none */
export function load(address: IpAddress | string): 4 | 6 {
  if (typeof address !== 'string') return loadBytes(address.bytes)
  const family = loadText(address)
  if (family === 0) throw new TypeError(`expected an IP address, got ${JSON.stringify(address.slice(0, 64))}`)
  return family
}

function wordAt(bytes: Uint8Array, index: number): number {
  return (
    ((bytes[index] as number) << 24) |
    ((bytes[index + 1] as number) << 16) |
    ((bytes[index + 2] as number) << 8) |
    (bytes[index + 3] as number)
  )
}
