import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipFromBytes, parseIp } from '../src/index.ts'
import { ipBytes } from './arbitraries.ts'

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const fourParts = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/** The canonical text by the platform's reader of URLs, which is strict about IPv6. */
function byPlatform(text: string): string | undefined {
  if (fourParts.test(text)) return text
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return undefined
  if (!URL.canParse(`http://[${text}]/`)) return undefined
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.')
}

const nearlyIpv6 = fc
  .array(fc.constantFrom(':', ':', '::', '0', '00ff', 'FFFF', '12345', '1.2.3.4', '01.2.3.4', '.', 'g', '1'), {
    maxLength: 18,
  })
  .map((parts) => parts.join(''))
const nearlyIpv4 = fc
  .array(fc.constantFrom('.', '.', '0', '00', '1', '255', '256', '25', '-1', ' ', 'x'), { maxLength: 9 })
  .map((parts) => parts.join(''))

test('text is read as the platform reads it', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyIpv6, nearlyIpv4, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
      expect(parseIp(text)?.text).toBe(byPlatform(text))
    }),
    { numRuns: 20_000 },
  )
})

test('bytes are written as the platform writes them, and read back', () => {
  fc.assert(
    fc.property(ipBytes, (bytes) => {
      const ip = ipFromBytes(bytes)
      const long = Array.from({ length: bytes.length / 2 }, (_, n) =>
        (((bytes[2 * n] ?? 0) << 8) | (bytes[2 * n + 1] ?? 0)).toString(16),
      )
      expect(ip.text).toBe(byPlatform(bytes.length === 4 ? bytes.join('.') : long.join(':')))
      expect(parseIp(ip.text)).toEqual(ip)
      expect(parseIp(ip.text.toUpperCase())).toEqual(ip)
      expect(ipFromBytes(ip.bytes)).toEqual(ip)
    }),
    { numRuns: 5000 },
  )
})
