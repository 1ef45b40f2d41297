import { expect, test } from 'vitest'
import * as netutil from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(netutil).sort()).toMatchInlineSnapshot(`
    [
      "bucketSubnetRules",
      "createEndpointVotes",
      "createSubnetLimits",
      "createTokenBuckets",
      "ipFromBytes",
      "isLan",
      "isLinkLocal",
      "isLoopback",
      "isMulticast",
      "isPrivate",
      "isSpecial",
      "isUnspecified",
      "networkKey",
      "parseIp",
      "parseNetlist",
      "relayRefusal",
      "tableLimits",
      "tableSubnetRules",
      "toIp",
    ]
  `)
})
