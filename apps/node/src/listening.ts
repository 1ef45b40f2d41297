import type { AddressInfo, Server } from 'node:net'
import type { Logger } from '@ethwire/io'
import { codeOf, NodeError, reasonOf } from './errors.ts'

export interface ListeningOptions {
  /** The address to bind. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The flag that has the port, for who finds it taken. */
  readonly portFlag: string
  /** What is served: `JSON-RPC`. */
  readonly what: string
  readonly logger: Logger
}

/**
 * Has a server listen. Its errors from then on are logged, whatever their number: one that nobody hears would end the
 * process. @throws NodeError `NODE_LISTEN`
 */
export async function listenOn(server: Server, options: ListeningOptions): Promise<AddressInfo> {
  const { host, port, portFlag, what, logger } = options
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      const taken = codeOf(error) === 'EADDRINUSE'
      const problem = taken ? `address already in use; choose another ${portFlag}` : reasonOf(error)
      reject(new NodeError('NODE_LISTEN', `cannot serve ${what} on ${host}:${port}: ${problem}`, { cause: error }))
    }
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      server.on('error', (error) => logger.warn({ err: reasonOf(error) }, `${what} server`))
      resolve()
    })
  })
  return server.address() as AddressInfo
}
