import { expect, test } from 'vitest'
import * as nat from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(nat).sort()).toMatchInlineSnapshot(`
    [
      "extIp",
      "parseNat",
    ]
  `)
})
