import { expect, test } from 'vitest'
import * as simulation from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(simulation).sort()).toMatchInlineSnapshot(`
    [
      "collectCandidates",
      "createAttack",
      "createPuppet",
      "createSimulation",
      "markedShare",
      "measureLookups",
      "puppetIdentity",
      "reportTables",
      "settledNodes",
      "standInCrypto",
    ]
  `)
})
