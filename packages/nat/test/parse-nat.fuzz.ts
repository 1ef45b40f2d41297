import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseNat } from '../src/index.ts'

test('no text makes anything but a mapper, none or a TypeError, and a mapper is named by text that makes it again', () => {
  const mechanism = fc.constantFrom('extip', 'ip', 'none', '', 'any', 'pmp', 'x')
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())
  const texts = fc.oneof(
    fc.string(),
    fc.tuple(mechanism, fc.constantFrom(':', '::', ''), address).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const name = parseNat(text)?.name
        if (name !== undefined) expect(parseNat(name)?.name).toBe(name)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    }),
    { numRuns: 2000 },
  )
})
