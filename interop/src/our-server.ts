import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { genesisBlock, parseGenesis } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { eth } from '@ethwire/eth-peer'
import { createP2pServer, type P2pServer, type P2pServerOptions } from '@ethwire/p2p-server'
import { ClassicLevel } from 'classic-level'
import { temporaryDirectory } from './resources.ts'

/** A server of ours in this process, whose every peer and event a test may handle. */
export interface OurServer extends AsyncDisposable {
  readonly server: P2pServer
  readonly enode: string
  readonly id: string
}

/** Starts one that speaks eth with nothing but the genesis block, unless it is given other protocols. */
export async function startOurServer(
  network: { genesis: string; networkId: number },
  options: Partial<P2pServerOptions> = {},
): Promise<OurServer> {
  const { config, ...description } = parseGenesis(await readFile(network.genesis, 'utf8'))
  const genesis = genesisBlock({ config, ...description })
  const db = new ClassicLevel<Uint8Array, Uint8Array>(temporaryDirectory('server'))
  const chain = await openChainStore({ db, genesis })
  const server = await createP2pServer({
    privateKey: randomBytes(32),
    clientId: 'server/1.0',
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [eth({ network: BigInt(network.networkId), config, genesis, chain })],
    ...options,
  })
  const { enode, id } = server.nodeInfo()
  return {
    ...{ server, enode, id },
    async [Symbol.asyncDispose]() {
      await server.close()
      await chain.close()
      await db.close()
    },
  }
}
