import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSubnetLimits, type IpAddress, ipFromBytes, isLan, type SubnetRule } from '../src/index.ts'

/** Addresses that are often neighbours: few values for each byte. */
const crowd = fc
  .tuple(fc.constantFrom(4, 16), fc.array(fc.constantFrom(0, 1, 8, 255), { minLength: 16, maxLength: 16 }))
  .map(([length, bytes]) => {
    const narrow = length === 4 ? bytes.slice(0, 4) : [0x26, 7, 0, 0, 0, ...bytes.slice(0, 4), ...bytes.slice(9, 16)]
    return ipFromBytes(Uint8Array.from(narrow))
  })
const lan = fc.constantFrom(Uint8Array.of(127, 0, 0, 1), Uint8Array.of(10, 0, 0, 1)).map(ipFromBytes)
const rules = fc
  .array(
    fc.oneof(
      fc.record({
        family: fc.constant<4>(4),
        bits: fc.integer({ min: 1, max: 32 }),
        max: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        family: fc.constant<6>(6),
        bits: fc.integer({ min: 1, max: 64 }),
        max: fc.integer({ min: 1, max: 4 }),
      }),
    ),
    { maxLength: 4 },
  )
  .map((list) =>
    list.filter((rule, at) => list.findIndex((r) => r.family === rule.family && r.bits === rule.bits) === at),
  )

const networkOf = (ip: IpAddress, bits: number): string =>
  [...ip.bytes]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, bits)

test('limits do as a list of addresses would that is counted through each time', () => {
  const steps = fc.array(fc.record({ ip: fc.oneof({ weight: 6, arbitrary: crowd }, lan), isAdd: fc.boolean() }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(rules, steps, fc.boolean(), (ofRules: SubnetRule[], list, countLan) => {
      const limits = createSubnetLimits({ rules: ofRules, countLan })
      const inside: IpAddress[] = []
      const applying = (ip: IpAddress): SubnetRule[] =>
        isLan(ip) && !countLan ? [] : ofRules.filter(({ family }) => family === ip.family)
      const count = (ip: IpAddress, bits: number): number =>
        inside.filter((other) => other.family === ip.family && networkOf(other, bits) === networkOf(ip, bits)).length
      for (const { ip, isAdd } of list) {
        const applied = applying(ip)
        if (isAdd) {
          const broken = applied.find(({ bits, max }) => count(ip, bits) >= max)
          expect(limits.add(ip.text)).toBe(broken && `ip${broken.family}/${broken.bits}`)
          if (broken === undefined && applied.length > 0) inside.push(ip)
        } else {
          const at = inside.findIndex(({ text }) => text === ip.text)
          if (at >= 0) {
            limits.remove(ip)
            inside.splice(at, 1)
          }
        }
        expect(limits.size).toBe(inside.length)
        const [first] = applied
        expect(limits.count(ip)).toBe(first === undefined ? 0 : count(ip, first.bits))
      }
      for (const ip of inside) limits.remove(ip)
      expect(limits.size).toBe(0)
    }),
    { numRuns: 500 },
  )
})
