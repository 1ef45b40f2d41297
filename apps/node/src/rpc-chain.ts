import type { ChainStore } from '@ethwire/chain-store'
import type { StoredBlock } from './rpc/block-json.ts'
import type { RpcChain } from './rpc/eth.ts'

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
      const reason = await store.receiptsUnavailableReason(hash)
      return {
        unavailable: reason ?? 'they were not downloaded; start with --receipts to have those of new blocks',
      }
    },
  }
}
