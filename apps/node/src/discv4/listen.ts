import { nodeRandom } from '@ethwire/io/node'
import type { ListenOptions } from '../options/discv4-options.ts'
import { printJson, printLine } from '../output.ts'
import { discv4Namespace } from '../rpc/discv4.ts'
import { createDispatcher } from '../rpc/dispatcher.ts'
import { createHttpServer, type HttpServer } from '../rpc/http-server.ts'
import { rpcNamespace } from '../rpc/rpc.ts'
import { createRpcMemory } from '../rpc/rpc-memory.ts'
import { createRpcTurns } from '../rpc/turns.ts'
import { aborted } from '../shutdown.ts'
import { nodeJson } from './node-json.ts'
import { bootnodesOf, type DiscoverySession, withBasis, withDiscovery } from './session.ts'

/** `ethwire discv4 listen` */
export function listen(options: ListenOptions): Promise<number> {
  return withBasis(options, async (basis) => {
    const bootnodes = bootnodesOf(options, basis.crypto) ?? []
    return await withDiscovery(options, bootnodes, basis, async (session) => {
      const server = await serve(options, session)
      try {
        const { address, enode, record } = session.discovery.localNode
        if (options.json)
          await printJson({ ...nodeJson(address), ...(server === undefined ? {} : { rpc: urlOf(server) }) })
        else await printLine(record.text)
        session.logger.info({ enode, bootnodes: bootnodes.length }, 'Node discovery v4 started')
        await aborted(session.signal)
        return 0
      } finally {
        await server?.close()
      }
    })
  })
}

async function serve({ rpc }: ListenOptions, session: DiscoverySession): Promise<HttpServer | undefined> {
  if (rpc === undefined) return undefined
  const { discovery, clock, logger } = session
  const namespaces = { discv4: discv4Namespace({ discovery, clock }), rpc: rpcNamespace(['discv4']) }
  const dispatcher = createDispatcher({ namespaces, random: nodeRandom, turns: createRpcTurns({ clock }), logger })
  const server = await createHttpServer({
    ...{ host: rpc.ip, port: rpc.port, portFlag: '--rpc', logger },
    http: { vhosts: ['localhost'], dispatcher, memory: createRpcMemory(logger), clock },
  })
  logger.info({ url: urlOf(server) }, 'HTTP server started')
  return server
}

function urlOf({ address }: HttpServer): string {
  return `http://${address}`
}
