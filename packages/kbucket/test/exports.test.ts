import * as kbucket from '@ethwire/kbucket'
import { expect, test } from 'vitest'

test('the package exports these names', () => {
  expect(Object.keys(kbucket).sort()).toEqual([
    'bucketCount',
    'bucketIndex',
    'bucketSize',
    'compareDistance',
    'createLookup',
    'createTable',
    'firstBucketDistance',
    'geth2018',
    'geth2026',
    'logDistance',
    'maxReplacements',
  ])
})
