export type DebugPart = 'p2p' | 'dial' | 'discv4' | 'nodedb' | 'eth' | 'ntp' | 'rpc'

/**
 * Parts of the program whose debug lines can be asked for by themselves, with the environment variable DEBUG, and the names
 * that they go by: our own, and those of @ethereumjs/devp2p for the same.
 */
export const debugNames: Readonly<Record<DebugPart, readonly string[]>> = {
  p2p: ['ethwire:p2p', 'devp2p:rlpx', 'devp2p:rlpx:peer'],
  dial: ['ethwire:dial', 'devp2p:rlpx:dial'],
  discv4: ['ethwire:discv4', 'devp2p:dpt', 'devp2p:dpt:server'],
  nodedb: ['ethwire:nodedb'],
  eth: ['ethwire:eth', 'devp2p:eth'],
  ntp: ['ethwire:ntp'],
  rpc: ['ethwire:rpc'],
}

/** Whether the debug lines of a part are wanted. */
export type DebugFilter = (part: DebugPart) => boolean

/** Nobody writes more by hand. */
const maxPatterns = 64

/**
 * Reads DEBUG as the npm package `debug` does: names with blanks or commas in between, `*` for any part of one, `-` before
 * those that are not wanted after all.
 */
export function createDebugFilter(text: string | undefined): DebugFilter {
  const patterns = (text ?? '').split(/[\s,]+/, maxPatterns).filter((pattern) => pattern !== '')
  const wanted = patterns.filter((pattern) => !pattern.startsWith('-')).map(matcher)
  const unwanted = patterns.filter((pattern) => pattern.startsWith('-')).map((pattern) => matcher(pattern.slice(1)))
  return (part) => {
    const names = debugNames[part]
    const matches = (matchers: readonly RegExp[]): boolean =>
      matchers.some((one) => names.some((name) => one.test(name)))
    return matches(wanted) && !matches(unwanted)
  }
}

function matcher(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
