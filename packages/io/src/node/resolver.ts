import { Resolver as DnsResolver, promises as dns } from 'node:dns'
import { IoError } from '../errors.ts'
import type { Resolver } from '../resolver.ts'
import { toEndpoint } from './endpoint.ts'
import { toIoError } from './error-codes.ts'

export interface NodeResolverOptions {
  /** Name servers for texts, as `ip` or `ip:port`; the system's when absent. Addresses always come from the system. */
  servers?: readonly string[]
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, onAbort?: () => void): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      onAbort?.()
      reject(signal.reason)
    }
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A resolver on the system's lookup (its hosts file, too) for addresses and on DNS for texts. */
export function createNodeResolver(options: NodeResolverOptions = {}): Resolver {
  return {
    async addresses(name, { signal } = {}) {
      signal?.throwIfAborted()
      const work = dns.lookup(name, { all: true, order: 'verbatim' }).catch((error: unknown) => {
        throw toIoError(error, `cannot find ${JSON.stringify(name)}`)
      })
      const found = await untilAborted(work, signal)
      if (found.length === 0) throw new IoError('IO_NAME_NOT_FOUND', `${JSON.stringify(name)} has no address`)
      return found.map(({ address }) => toEndpoint(address, 0).ip)
    },
    async texts(name, { signal } = {}) {
      signal?.throwIfAborted()
      // One for each question: cancelling one must not cancel the others.
      const resolver = new DnsResolver()
      if (options.servers !== undefined) resolver.setServers(options.servers)
      const work = new Promise<string[]>((resolve, reject) => {
        resolver.resolveTxt(name, (error, records) => {
          if (error) reject(toIoError(error, `cannot find texts of ${JSON.stringify(name)}`))
          else resolve(records.map((strings) => strings.join('')))
        })
      })
      return await untilAborted(work, signal, () => resolver.cancel())
    },
  }
}

/** The system's resolver. */
export const nodeResolver: Resolver = createNodeResolver()
