import type { ChainStore } from '@ethwire/chain-store'
import { equalBytes } from '@ethwire/crypto'
import type { StoredBlock } from './rpc/block-json.ts'
import type { RpcChain } from './rpc/eth.ts'

/** So many marks of missing receipts are looked through for the reason of one. */
const maxMarks = 1000

/** The store as JSON-RPC reads it. */
export function createRpcChain(store: ChainStore): RpcChain {
  async function blockByHash(hash: Uint8Array): Promise<StoredBlock | undefined> {
    const [[header], [body]] = await Promise.all([store.headers([hash]), store.bodies([hash])])
    return header === undefined || body === undefined ? undefined : { hash, header, body }
  }

  return {
    headNumber: () => store.head().number,
    blockByHash,
    async blockByNumber(number) {
      const hash = await store.hashByNumber(number)
      return hash === undefined ? undefined : await blockByHash(hash)
    },
    async receipts(hash) {
      const receipts = await store.receiptsByHash(hash)
      if (receipts !== undefined) return receipts
      const marks = await store.unavailableReceipts(maxMarks)
      const mark = marks.find((entry) => equalBytes(entry.hash, hash))
      return {
        unavailable: mark?.reason ?? 'they were not downloaded; start with --receipts to have those of new blocks',
      }
    },
  }
}
