import { hostname } from 'node:os'

/** An origin, or a rule for them: whatever is undefined in a rule may be anything. */
interface OriginParts {
  readonly scheme: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
}

/**
 * Whether a page of an origin may connect, by geth's rules for `--ws.origins`: a rule is a scheme, a host and a port, of
 * which all that it names must be the same; `*` is for all; without any rule, pages of this machine may.
 */
export function createOriginRule(allowed: readonly string[]): (origin: string) => boolean {
  if (allowed.includes('*')) return () => true
  const given = allowed.filter((origin) => origin !== '')
  const rules = (given.length === 0 ? ['http://localhost', `http://${hostname()}`] : given).map(originParts)
  return (origin) => {
    const parts = originParts(origin)
    return parts !== undefined && rules.some((rule) => rule !== undefined && fits(rule, parts))
  }
}

function fits(rule: OriginParts, { scheme, host, port }: OriginParts): boolean {
  return (
    (rule.scheme === undefined || rule.scheme === scheme) &&
    (rule.host === undefined || rule.host === host) &&
    (rule.port === undefined || rule.port === port)
  )
}

const originPattern = /^(?:([a-z][a-z0-9+.-]{0,30}):\/\/)?([^/:?#@\s]{1,253}|\[[0-9a-f:.]{2,45}\])?(?::(\d{1,5}))?\/?$/i

/** `https://a.example:8080`, or without the scheme, or without the port. Undefined for what is no origin. */
function originParts(text: string): OriginParts | undefined {
  const [, scheme, host, port] = originPattern.exec(text) ?? []
  if (host === undefined && scheme === undefined) return undefined
  return { scheme: scheme?.toLowerCase(), host: host?.toLowerCase(), port }
}
