import type { NodeAddress } from '@ethwire/enr'
import type { Logger } from '@ethwire/io'
import type { NodeProvider, SourceCallOptions } from './node-source.ts'

/** What is taken of one source's answer to a lookup. Discovery's has 16 nodes. */
export const MAX_ANSWER = 64

/** What several sources answer as one, where any of them can. */
export function askSources(providers: readonly NodeProvider[], logger: Logger): Omit<NodeProvider, 'nodes' | 'name'> {
  const resolvers = providers.filter(({ resolve }) => resolve !== undefined)
  const seekers = providers.filter(({ lookup }) => lookup !== undefined)

  /** An answer of one source; undefined when it throws, which is its own affair unless the asker has given up. */
  async function ask<T>(
    { name }: NodeProvider,
    question: () => Promise<T> | undefined,
    { signal }: SourceCallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await question()
    } catch (err) {
      signal?.throwIfAborted()
      logger.debug({ source: name, err }, 'A source could not answer')
      return undefined
    }
  }

  /** As `ask`, of what is known already. */
  function draw(provider: NodeProvider, count: number): readonly NodeAddress[] {
    try {
      return provider.readRandomNodes?.(count) ?? []
    } catch (err) {
      logger.debug({ source: provider.name, err }, 'A source could not answer')
      return []
    }
  }

  return {
    bootnodes: inTurn(providers.map(({ bootnodes = [] }) => bootnodes)),
    readRandomNodes: (count) => inTurn(providers.map((provider) => draw(provider, count))).slice(0, Math.max(0, count)),
    ...(seekers.length > 0 && {
      async lookup(target, options) {
        const answers = seekers.map((provider) => ask(provider, () => provider.lookup?.(target, options), options))
        return inTurn((await Promise.all(answers)).map((found) => found?.slice(0, MAX_ANSWER) ?? []))
      },
    }),
    ...(resolvers.length > 0 && {
      async resolve(node, options) {
        for (const provider of resolvers) {
          const found = await ask(provider, async () => await provider.resolve?.(node, options), options)
          if (found !== undefined && found.endpoints.length > 0) return found
        }
        return undefined
      },
    }),
  }
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}
