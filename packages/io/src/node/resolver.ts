import { Resolver as DnsResolver, promises as dns } from 'node:dns'
import { abortable } from '../abortable.ts'
import { IoError } from '../errors.ts'
import { onAbort } from '../on-abort.ts'
import type { Resolver } from '../resolver.ts'
import { toEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'

export interface NodeResolverOptions {
  /** Name servers for texts, as `ip` or `ip:port`; the system's when absent. Addresses always come from the system. */
  servers?: readonly string[]
}

/** A resolver on the system's lookup (its hosts file, too) for addresses and on DNS for texts. */
export function createNodeResolver(options: NodeResolverOptions = {}): Resolver {
  return {
    async addresses(name, { signal } = {}) {
      signal?.throwIfAborted()
      const lookup = dns.lookup(name, { all: true, order: 'verbatim' }).catch((error: unknown) => {
        throw toIoError(error, `cannot find ${JSON.stringify(name)}`)
      })
      const found = await abortable(signal, () => lookup)
      if (found.length === 0) throw new IoError('IO_NAME_NOT_FOUND', `${JSON.stringify(name)} has no address`)
      return found.map(({ address }) => toEndpoint(address, 0).ip)
    },
    async texts(name, { signal } = {}) {
      signal?.throwIfAborted()
      // One for each question: cancelling one must not cancel the others.
      const resolver = new DnsResolver()
      if (options.servers !== undefined) resolver.setServers(options.servers)
      const lookup = new Promise<string[]>((resolve, reject) => {
        resolver.resolveTxt(name, (error, records) => {
          if (error) reject(toIoError(error, `cannot find texts of ${JSON.stringify(name)}`))
          else resolve(records.map((strings) => strings.join('')))
        })
      })
      const forget = signal && onAbort(signal, () => resolver.cancel())
      try {
        return await abortable(signal, () => lookup)
      } finally {
        forget?.()
      }
    },
  }
}

/** The system's resolver. */
export const nodeResolver: Resolver = createNodeResolver()
