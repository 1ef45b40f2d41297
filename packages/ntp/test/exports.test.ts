import { expect, test } from 'vitest'
import * as ntp from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(ntp).sort()).toMatchInlineSnapshot(`
    [
      "NtpError",
      "createDriftCheck",
      "decodeSntpPacket",
      "encodeSntpPacket",
      "measureDrift",
      "ntpFromUnixMs",
      "sntpPacketBytes",
      "unixMsFromNtp",
    ]
  `)
})
