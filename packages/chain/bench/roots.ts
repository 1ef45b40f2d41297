// What checking blocks costs: run with `node --conditions=@ethwire/source bench/roots.ts`.
import { hash } from 'node:crypto'
import { pureCrypto } from '@ethwire/crypto'
import { type Hasher, orderedRoot, receiptsRoot } from '../src/index.ts'

const nodeHasher: Hasher = { keccak256: (bytes) => hash('keccak-256', bytes, 'buffer') }

function microseconds(work: () => void): number {
  for (let i = 0; i < 200; i++) work()
  const runs = 500
  const start = performance.now()
  for (let i = 0; i < runs; i++) work()
  return ((performance.now() - start) * 1000) / runs
}

/** `[type, status, gas, [[address, [topic, topic], 32 bytes]]]`, different ones. */
function receipt(index: number): Uint8Array {
  const log = [0xf8, 0x7a, 0x94, ...filled(20, 7), 0xf8, 0x42, 0xa0, ...filled(32, 1), 0xa0, ...filled(32, index)]
  log.push(0xa0, ...filled(32, 3))
  const fields = [0x02, 0x01, 0x83, 1, index >> 8, index & 0xff, 0xf8, log.length, ...log]
  return Uint8Array.of(0xf8, fields.length, ...fields)
}

const filled = (length: number, value: number): number[] => new Array<number>(length).fill(value & 0xff)

for (const [name, hasher] of [
  ['pure', pureCrypto],
  ['node:crypto', nodeHasher],
] as const) {
  for (const count of [6, 100, 300]) {
    const transactions = Array.from({ length: count }, (_, index) => new Uint8Array(160).fill(index))
    const receipts = Array.from({ length: count }, (_, index) => receipt(index))
    const forTransactions = microseconds(() => orderedRoot(transactions, hasher))
    const forReceipts = microseconds(() => receiptsRoot(receipts, hasher))
    console.log(
      `${name}: ${count} transactions ${forTransactions.toFixed(0)} µs, receipts ${forReceipts.toFixed(0)} µs`,
    )
  }
}
