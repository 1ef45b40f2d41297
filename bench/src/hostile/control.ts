import { randomBytes, randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { genesisBlock, parseGenesis } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { type EthPeer, eth, type ReceivedHeader } from '@ethwire/eth-peer'
import type { Ethwire } from '@ethwire/interop/ethwire-process'
import { createP2pServer, type P2pServer } from '@ethwire/p2p-server'
import { MemoryLevel } from 'memory-level'
import { createOneConnectionRpc } from './one-connection-rpc.ts'
import { createTally, type Tally } from './tally.ts'
import type { VictimChain } from './victim-chain.ts'

/** What the honest ones saw. */
export interface ControlFigures {
  readonly tried: number
  readonly failed: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Why the first that failed did. */
  readonly firstFailure: string | undefined
}

/** An honest peer, and an honest user of JSON-RPC, which ask all the time. */
export interface Control extends AsyncDisposable {
  /** What both saw since the last call. */
  take(): ControlFigures
  /** Of all blocks, by number. */
  readonly hashes: readonly Uint8Array[]
}

/** As a peer that syncs asks: no answer within this time is a failure. */
const deadlineMs = 5_000
/** So long the honest peer syncs before anything is measured. */
const warmUpMs = 5_000
const everyMs = { headers: 50, bodies: 250, receipts: 500, rpc: 100 } as const

/** An honest node that holds the genesis block, at an address of its own. */
export async function startHonestNode(
  chain: Pick<VictimChain, 'genesis' | 'networkId'>,
  options: { host?: string; staticNodes?: readonly string[]; onPeer?: (peer: EthPeer) => void },
): Promise<P2pServer> {
  const { config, ...description } = parseGenesis(await readFile(chain.genesis, 'utf8'))
  const genesis = genesisBlock({ config, ...description })
  const store = await openChainStore({ db: new MemoryLevel<Uint8Array, Uint8Array>(), genesis })
  const { host, staticNodes = [], onPeer = () => undefined } = options
  const crypto = nativeCrypto ?? pureCrypto
  return createP2pServer({
    ...{ privateKey: randomBytes(32), clientId: 'honest/1.0', staticNodes, crypto },
    ...(host !== undefined && { listen: { host, port: 0 } }),
    protocols: [eth({ network: chain.networkId, config, genesis, chain: store, onPeer, crypto })],
  })
}

/** Connects, syncs for a while, and goes on asking. */
export async function startControl(node: Ethwire, chain: VictimChain): Promise<Control> {
  let firstFailure: string | undefined
  const tally = createTally((error) => {
    firstFailure ??= error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  })
  let peer: EthPeer | undefined
  const connected = Promise.withResolvers<EthPeer>()
  const server = await startHonestNode(chain, {
    staticNodes: [node.enode],
    onPeer(newPeer) {
      peer = newPeer
      connected.resolve(newPeer)
    },
  })
  const hashes = await syncForAWhile(await connected.promise, chain)
  const small = hashes.filter((_, number) => number !== chain.largestReceipts)
  const connectedPeer = (): EthPeer => {
    if (peer === undefined) throw new Error('not connected')
    return peer
  }
  const some = (count: number): Uint8Array[] => {
    const from = randomInt(small.length - count)
    return small.slice(from, from + count)
  }
  const options = { timeoutMs: deadlineMs }
  const rpc = createOneConnectionRpc(`http://127.0.0.1:${node.httpPort}`)
  const ends = [
    repeat(everyMs.headers, tally, async () => {
      const start = randomInt(chain.head - 64)
      expectCount(64, await connectedPeer().getBlockHeaders({ start, count: 64 }, options))
    }),
    repeat(everyMs.bodies, tally, async () => expectCount(16, await connectedPeer().getBlockBodies(some(16), options))),
    repeat(everyMs.receipts, tally, async () => expectCount(4, await connectedPeer().getReceipts(some(4), options))),
    repeat(everyMs.rpc, tally, () => rpc.call('eth_getBlockByNumber', ['latest', false], deadlineMs)),
  ]
  return {
    hashes,
    take() {
      const figures = { ...tally.take(), firstFailure }
      firstFailure = undefined
      return figures
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end()
      rpc[Symbol.dispose]()
      await server.close()
    },
  }
}

/**
 * Asks for all of the chain as fast as it comes, first for headers, then for the rest, again and again: a node that has been
 * at work has heaps of that size, and what an attack adds is counted from there. The hashes of the blocks.
 */
async function syncForAWhile(peer: EthPeer, { head, largestReceipts }: VictimChain): Promise<Uint8Array[]> {
  const askForHeaders = (): Promise<readonly ReceivedHeader[]> => peer.getBlockHeaders({ start: 0, count: head + 1 })
  const start = performance.now()
  while (performance.now() - start < warmUpMs / 2) await Promise.all([1, 2, 3, 4].map(askForHeaders))
  const hashes = (await askForHeaders()).map(({ hash }) => hash)
  const largest = hashes.slice(largestReceipts, largestReceipts + 1)
  while (performance.now() - start < warmUpMs) {
    await Promise.all([
      peer.getBlockBodies(hashes),
      peer.getReceipts(largest),
      ...[100, 200, 300, 400, 500].map((from) => peer.getReceipts(hashes.slice(from, from + 100))),
    ])
  }
  return hashes
}

function expectCount(count: number, items: readonly unknown[]): void {
  if (items.length !== count) throw new Error(`${items.length} items came, ${count} were asked for`)
}

/** Begins anew at a fixed rate, whatever became of those before: an honest peer has several requests open, too. */
function repeat(everyMs: number, tally: Tally, work: () => Promise<unknown>): () => void {
  const timer = setInterval(() => void tally.count(work), everyMs)
  return () => clearInterval(timer)
}
