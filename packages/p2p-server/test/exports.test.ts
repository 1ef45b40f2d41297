import { expect, test } from 'vitest'
import * as p2pServer from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(p2pServer).sort()).toMatchInlineSnapshot(`
    [
      "P2pError",
      "createP2pServer",
      "dialHello",
      "runHandshake",
    ]
  `)
})
