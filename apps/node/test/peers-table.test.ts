import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { jsonText } from '../src/json-text.ts'
import { peersTable } from '../src/peers-table.ts'

const peer = {
  id: 'ab'.repeat(32),
  name: 'Geth/v1.17.8\u001b[31m\u009b2J',
  network: { remoteAddress: '127.0.0.1:30303', inbound: true, static: true, trusted: false },
  protocols: { eth: { version: 70, earliestBlock: 0, latestBlock: 1200 } },
}

test('peers come as a table, and names that would steer the terminal are written out', () => {
  const text = peersTable([peer, { id: 1, protocols: { eth: 'handshake' } }, null])
  const plain = stripVTControlCharacters(text)
  for (const part of ['abababababababab', '127.0.0.1:30303', 'inbound static', '70', '0–1,200', '3 peers']) {
    expect(plain).toContain(part)
  }
  expect(plain).toContain(String.raw`Geth/v1.17.8\x1b[31m\x9b2J`)
  expect(peersTable([])).toBe('No peers.')
})

test('and as JSON, which is what the node said', () => {
  const text = jsonText([peer])
  expect(JSON.parse(text)).toEqual([peer])
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})
