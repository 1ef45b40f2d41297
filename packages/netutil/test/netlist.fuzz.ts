import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type IpAddress, ipFromBytes, parseNetlist } from '../src/index.ts'
import { anyIp } from './arbitraries.ts'

const network = anyIp.chain((ip) =>
  fc.nat({ max: ip.family === 4 ? 32 : 128 }).map((bits) => ({ ip, bits, text: `${ip.text}/${bits}` })),
)

/** The address with one of its bits turned. */
function turned(ip: IpAddress, bit: number): IpAddress {
  const bytes = ip.bytes.slice()
  const at = bit >> 3
  bytes[at] = (bytes[at] ?? 0) ^ (128 >> (bit & 7))
  return ipFromBytes(bytes)
}

const bitsOf = (ip: IpAddress): string => [...ip.bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')

test('a list contains what begins with the bits of one of its networks', () => {
  const lists = fc.array(network, { maxLength: 5 })
  // Near the edge of a network as often as anywhere.
  const cases = lists.chain((list) => {
    const near = list.map(({ ip }) => fc.nat({ max: ip.bytes.length * 8 - 1 }).map((bit) => turned(ip, bit)))
    return fc.record({ list: fc.constant(list), ip: fc.oneof(anyIp, ...near) })
  })
  fc.assert(
    fc.property(cases, ({ list, ip }) => {
      const expected = list.some(({ ip: base, bits }) => {
        return base.family === ip.family && bitsOf(base).slice(0, bits) === bitsOf(ip).slice(0, bits)
      })
      const netlist = parseNetlist(list.map(({ text }) => text).join(','))
      expect(netlist.contains(ip)).toBe(expected)
      expect(netlist.contains(ip.text)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
})

test('what a list is written as is read as the same list', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 5 }), (list) => {
      const netlist = parseNetlist(list.map(({ text }) => text).join(' , '))
      expect(netlist.networks).toHaveLength(list.length)
      expect(parseNetlist(String(netlist)).networks).toEqual(netlist.networks)
    }),
  )
})

test('no text makes anything but a list, a TypeError or a RangeError', () => {
  const pieces = fc.constantFrom('10.0.0.0', '/', '8', ',', ' ', '::', '/129', '\n', '127.1', 'x')
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseNetlist(text)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    }),
    { numRuns: 2000 },
  )
})
