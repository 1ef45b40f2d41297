import { expect, test } from 'vitest'
import * as module from '../src/index.ts'

test('the package exports these', () => {
  expect(Object.keys(module).sort()).toEqual(['SyncError', 'createEthManager'])
})
