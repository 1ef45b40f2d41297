import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { genesisBlock, parseGenesis } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { eth } from '@ethwire/eth-peer'
import { createP2pServer } from '@ethwire/p2p-server'
import { ClassicLevel } from 'classic-level'
import { importChain } from './ethwire-process.ts'

export interface LyingPeer extends AsyncDisposable {
  readonly enode: string
  readonly id: string
  /** How many bodies it was asked for. */
  lies(): number
}

/** A node of ours that tells the truth about everything but bodies: of those it gives the one of the block before. */
export async function startLyingPeer(files: { genesis: string; chain: string; networkId: number }): Promise<LyingPeer> {
  const datadir = await importChain(files.genesis, files.networkId, files.chain)
  const { config, ...description } = parseGenesis(await readFile(files.genesis, 'utf8'))
  const genesis = genesisBlock({ config, ...description })
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(datadir, 'ethwire', 'chaindata'))
  const chain = await openChainStore({ db, genesis })
  let lies = 0
  const bodies = async (hashes: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> => {
    lies += hashes.length
    const numbers = await Promise.all(hashes.map((hash) => chain.numberByHash(hash)))
    const others = await Promise.all(numbers.map((number) => chain.hashByNumber((number ?? 1) - 1)))
    return chain.bodies(others.map((other, index) => other ?? (hashes[index] as Uint8Array)))
  }
  const server = await createP2pServer({
    privateKey: randomBytes(32),
    clientId: 'liar/1.0',
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [eth({ network: BigInt(files.networkId), config, genesis, chain: { ...chain, bodies } })],
  })
  const { enode, id } = server.nodeInfo()
  return {
    enode,
    id,
    lies: () => lies,
    async [Symbol.asyncDispose]() {
      await server.close()
      await chain.close()
      await db.close()
    },
  }
}
