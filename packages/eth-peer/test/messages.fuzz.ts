import { decode, encode, encodeBytes, encodeList, encodeUint, RlpError } from '@ethwire/rlp-codec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EthVersion, ethVersions } from '../src/index.ts'

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash = bytesOf(32)
const hashes = fc.array(hash, { maxLength: 20 })
const item = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((bytes) => encodeBytes(bytes)),
  fc.array(u64, { maxLength: 5 }).map((numbers) => encodeList(numbers.map((number) => encodeUint(number)))),
)
const items = fc.array(item, { maxLength: 20 })
const range = { earliestBlock: u64, latestBlock: u64, latestBlockHash: hash }

const query = fc.record({ start: fc.oneof(u64, hash), count: u64, skip: u64, reverse: fc.boolean() })
const answer = fc.record({ requestId: u64, items })
const byHash = fc.record({ requestId: u64, hashes })

const values = {
  Status: fc.record({
    version: fc.nat(),
    networkId: u64,
    genesis: hash,
    forkId: fc.record({ hash: bytesOf(4), next: u64 }),
    ...range,
  }),
  Transactions: items,
  GetBlockHeaders: fc.record({ requestId: u64, query }),
  BlockHeaders: answer,
  GetBlockBodies: byHash,
  BlockBodies: answer,
  NewPooledTransactionHashes: fc.array(fc.record({ type: fc.nat(255), size: fc.nat(), hash }), { maxLength: 20 }),
  GetPooledTransactions: byHash,
  PooledTransactions: answer,
  BlockRangeUpdate: fc.record(range),
}

const receipts = {
  69: {
    GetReceipts: fc.record({ requestId: u64, firstBlockReceiptIndex: fc.constant(0n), hashes }),
    Receipts: fc.record({ requestId: u64, lastBlockIncomplete: fc.constant(false), items }),
  },
  70: {
    GetReceipts: fc.record({ requestId: u64, firstBlockReceiptIndex: u64, hashes }),
    Receipts: fc.record({ requestId: u64, lastBlockIncomplete: fc.boolean(), items }),
  },
}

for (const version of [69, 70] as const satisfies EthVersion[]) {
  const { messages } = ethVersions[version]
  const all = { ...values, ...receipts[version] } as Record<keyof typeof messages, fc.Arbitrary<unknown>>

  test.each(Object.keys(messages) as (keyof typeof messages)[])(
    `eth/${version} %s is read as it was written`,
    (name) => {
      const { schema } = messages[name] as { schema: Parameters<typeof decode<unknown>>[0] }
      fc.assert(
        fc.property(all[name], (value) => {
          const written = encode(schema, value)
          const read = decode(schema, written)
          expect(read).toEqual(value)
          expect(encode(schema, read)).toEqual(written)
        }),
      )
    },
  )

  test.each(Object.keys(messages) as (keyof typeof messages)[])(
    `eth/${version} %s of any bytes is read or refused`,
    (name) => {
      const { schema } = messages[name] as { schema: Parameters<typeof decode<unknown>>[0] }
      const damaged = fc.tuple(all[name], fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const written = encode(schema, value)
        written[at % written.length] = byte
        return written
      })
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), (source) => {
          let read: unknown
          try {
            read = decode(schema, source)
          } catch (error) {
            expect(error).toBeInstanceOf(RlpError)
            return
          }
          // Only one way to write a value is accepted.
          expect(Buffer.compare(encode(schema, read), source)).toBe(0)
        }),
      )
    },
  )
}
