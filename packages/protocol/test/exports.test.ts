import { expect, test } from 'vitest'
import * as protocol from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(protocol).sort()).toMatchInlineSnapshot(`
    [
      "DisconnectReason",
      "ProtocolError",
      "createRequestTable",
      "defineProtocol",
      "describeDisconnectReason",
      "formatCapability",
      "request",
    ]
  `)
})
