import { expect, test } from 'vitest'
import * as dialer from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(dialer).sort()).toMatchInlineSnapshot(`
    [
      "bufferNodes",
      "createDialScheduler",
      "createDialScheduler2018",
      "createReputation",
      "dialAddresses",
      "filterNodes",
      "mixSources",
    ]
  `)
})
