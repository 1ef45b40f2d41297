import { expect, test } from 'vitest'
import * as discv4 from '../src/index.ts'
import * as packet from '../src/packet.ts'

test('the package exports these names', () => {
  expect(Object.keys(discv4).sort()).toMatchInlineSnapshot(`
    [
      "Discv4Error",
      "createDiscv4",
      "createIdentities",
      "discv4",
    ]
  `)
  expect(Object.keys(packet).sort()).toMatchInlineSnapshot(`
    [
      "Discv4Error",
      "decodePacket",
      "encodePacket",
      "inspectPacket",
      "isExpired",
      "maxNeighbors",
      "maxPacketBytes",
      "recoverSender",
    ]
  `)
})
