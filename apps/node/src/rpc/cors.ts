import type { IncomingMessage } from 'node:http'

/** What a response to a page of another origin says to its browser. */
export interface Cors {
  /** Headers of an answer; none where the page may not read it. */
  headers(request: IncomingMessage): Record<string, string>
  /** Headers of the answer to a browser that asks before it sends the request; undefined if it is no such question. */
  preflight(request: IncomingMessage): Record<string, string> | undefined
}

/** As in geth. */
const allowedMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
const maxAgeSeconds = 600

/**
 * Lets pages of some origins read answers (Fetch standard, "CORS protocol"), as geth's `--http.corsdomain`: full origins,
 * in which one `*` may stand for any part; a single `*` is for all. Undefined if there are none.
 */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined
  const allowed = origins.map((origin) => origin.toLowerCase())
  const isForAll = allowed.includes('*')

  const allowOrigin = ({ headers: { origin } }: IncomingMessage): Record<string, string> | undefined => {
    if (isForAll) return { 'access-control-allow-origin': '*' }
    const isAllowed = origin !== undefined && allowed.some((rule) => fits(rule, origin.toLowerCase()))
    return isAllowed ? { 'access-control-allow-origin': origin } : undefined
  }

  return {
    headers: (request) => ({ vary: 'Origin', ...allowOrigin(request) }),
    preflight(request) {
      const method = request.headers['access-control-request-method']
      if (request.method !== 'OPTIONS' || method === undefined) return undefined
      const vary = { vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' }
      const origin = allowOrigin(request)
      if (origin === undefined || !allowedMethods.has(method)) return vary
      const headers = request.headers['access-control-request-headers']
      return {
        ...{ ...vary, ...origin, 'access-control-allow-methods': method },
        'access-control-max-age': String(maxAgeSeconds),
        // Any may be sent: none of them gives a page more than it has.
        ...(headers === undefined ? {} : { 'access-control-allow-headers': headers }),
      }
    },
  }
}

function fits(rule: string, origin: string): boolean {
  const star = rule.indexOf('*')
  if (star === -1) return rule === origin
  const [before, after] = [rule.slice(0, star), rule.slice(star + 1)]
  return origin.length >= rule.length && origin.startsWith(before) && origin.endsWith(after)
}
