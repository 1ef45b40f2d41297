import { expect, test } from 'vitest'
import * as nodedb from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(nodedb).sort()).toEqual(['NodeDatabaseError', 'createNodeDatabase'])
})
