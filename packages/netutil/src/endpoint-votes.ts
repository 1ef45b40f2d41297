import { type IpAddress, toIp } from './ip-address.ts'
import { load, words } from './ip-words.ts'
import { isWithin } from './network.ts'
import { lan } from './ranges.ts'
import { type RelayRefusal, relayRefusal } from './relay.ts'

/** Where others see our packets come from. */
export interface SeenEndpoint {
  readonly ip: string
  readonly port: number
}

/**
 * Why a statement does not count: a relay rule (an endpoint that this host cannot have seen us at), `family` (a host of
 * IPv4 about IPv6, or the other way round), `port` (not 1 to 65,535).
 */
export type StatementRefusal = RelayRefusal | 'family' | 'port'

export interface EndpointVotesOptions {
  /** Voters that must agree, 10 by default. */
  minHosts?: number
  /** How long a statement counts, 5 min by default. */
  windowMs?: number
  /** How long a host that we wrote to may answer before its statement counts as unasked for, 10 min by default. */
  contactWindowMs?: number
  /** The prediction changes no sooner after its last change, 5 min by default. */
  changeIntervalMs?: number
}

/** What other nodes say our endpoint is, for each family of addresses. Times are a monotonic clock's. */
export interface EndpointVotes {
  /**
   * Somebody says that our packets come from `endpoint`. Only hosts that have proven their own address are to be asked.
   * @returns why the statement does not count, or `undefined`
   * @throws TypeError when `from` is no address
   */
  addStatement(
    from: IpAddress | string,
    endpoint: { readonly ip: IpAddress | string; readonly port: number },
    nowMs: number,
  ): StatementRefusal | undefined
  /** We wrote to a host. @throws TypeError when `to` is no address */
  addContact(to: IpAddress | string, nowMs: number): void
  /** The endpoint that most voters state, `minHosts` at least; `undefined` when there is none. */
  predict(nowMs: number, family?: 4 | 6): SeenEndpoint | undefined
  /** Whether a host reached us that we had not written to: no NAT, or one that lets everybody in. */
  isFullCone(nowMs: number, family?: 4 | 6): boolean
}

const minute = 60_000
/** Kept for each family; the oldest makes room. */
const maxVoters = 1024
const maxContacts = 4096

/**
 * Counts what hosts say of our own endpoint. This is geth's `netutil.IPTracker`, made harder to lie to: hosts of one IPv4
 * /24 or IPv6 /48 have one vote together, an endpoint must be one that the host can have seen, what is predicted stays as
 * long as no other has more votes, and it changes once in five minutes at most.
 *
 * @example
 * import { createEndpointVotes } from '@ethwire/netutil'
 *
 * const votes = createEndpointVotes()
 * for (let n = 0; n < 10; n++) votes.addStatement(`8.8.${n}.8`, { ip: '1.2.3.4', port: 30303 }, 1000)
 * console.log(votes.predict(2000)) // { ip: '1.2.3.4', port: 30303 }
 */
export function createEndpointVotes(options: EndpointVotesOptions = {}): EndpointVotes {
  const of = {
    minHosts: options.minHosts ?? 10,
    windowMs: options.windowMs ?? 5 * minute,
    contactWindowMs: options.contactWindowMs ?? 10 * minute,
    changeIntervalMs: options.changeIntervalMs ?? 5 * minute,
  }
  for (const [name, value] of Object.entries(of)) {
    if (!(value >= (name === 'minHosts' ? 1 : 0))) throw new RangeError(`${name} cannot be ${value}`)
  }
  const trackers = { 4: createTracker(4, of), 6: createTracker(6, of) }
  return {
    addStatement(from, endpoint, nowMs) {
      const refusal = relayRefusal(from, endpoint.ip)
      if (refusal !== undefined) return refusal
      const ip = toIp(endpoint.ip)
      const { port } = endpoint
      if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'port'
      if (load(from) !== ip.family) return 'family'
      trackers[ip.family].addStatement({ ip: ip.text, port }, nowMs)
      return undefined
    },
    addContact: (to, nowMs) => trackers[load(to)].addContact(nowMs),
    predict: (nowMs, family = 4) => trackers[family].predict(nowMs),
    isFullCone: (nowMs, family = 4) => trackers[family].isFullCone(nowMs),
  }
}

interface Candidate {
  readonly key: string
  readonly endpoint: SeenEndpoint
  votes: number
}

interface Vote {
  readonly candidate: Candidate
  readonly atMs: number
  readonly isUnasked: boolean
}

/** One family's votes. The host that a call is about is the address loaded last. */
interface Tracker {
  addStatement(endpoint: SeenEndpoint, nowMs: number): void
  addContact(nowMs: number): void
  predict(nowMs: number): SeenEndpoint | undefined
  isFullCone(nowMs: number): boolean
}

function createTracker(family: 4 | 6, options: Required<EndpointVotesOptions>): Tracker {
  const { minHosts, windowMs, contactWindowMs, changeIntervalMs } = options
  // In the order of their times. bounded: maxVoters
  const votes = new Map<number | string, Vote>()
  // bounded: by the votes
  const candidates = new Map<string, Candidate>()
  // When we wrote to a host last, in the order of the times. bounded: maxContacts
  const contacts = new Map<number | string, number>()
  /** A contact was forgotten that would have counted until then: a host we do not know may have been it. */
  let contactsMissingUntilMs = Number.NEGATIVE_INFINITY
  let unasked = 0
  let predicted: SeenEndpoint | undefined
  let changedAtMs = Number.NEGATIVE_INFINITY

  const withdraw = (voter: number | string, { candidate, isUnasked }: Vote): void => {
    votes.delete(voter)
    if (isUnasked) unasked--
    if (--candidate.votes === 0) candidates.delete(candidate.key)
  }

  const expireVotes = (nowMs: number, room: number): void => {
    for (const [voter, vote] of votes) {
      if (nowMs - vote.atMs <= windowMs && votes.size + room <= maxVoters) break
      withdraw(voter, vote)
    }
  }

  const expireContacts = (nowMs: number): void => {
    for (const [host, atMs] of contacts) {
      const isCurrent = nowMs - atMs <= contactWindowMs
      if (isCurrent && contacts.size < maxContacts) break
      contacts.delete(host)
      if (isCurrent) contactsMissingUntilMs = atMs + contactWindowMs
    }
  }

  const mostVoted = (): SeenEndpoint | undefined => {
    let best: SeenEndpoint | undefined
    let most = minHosts - 1
    for (const { endpoint, votes: count } of candidates.values()) {
      if (count < minHosts || count < most || (count === most && !isSame(endpoint, predicted))) continue
      best = endpoint
      most = count
    }
    return best
  }

  return {
    addStatement(endpoint, nowMs) {
      const contactedAtMs = contacts.get(hostKey(family))
      const isUnasked =
        nowMs > contactsMissingUntilMs && (contactedAtMs === undefined || nowMs - contactedAtMs > contactWindowMs)
      const voter = voterKey(family)
      const former = votes.get(voter)
      if (former !== undefined) withdraw(voter, former)
      expireVotes(nowMs, 1)
      const key = `${endpoint.ip} ${endpoint.port}`
      const candidate = candidates.get(key) ?? { key, endpoint, votes: 0 }
      candidate.votes++
      candidates.set(key, candidate)
      votes.set(voter, { candidate, atMs: nowMs, isUnasked })
      if (isUnasked) unasked++
    },
    addContact(nowMs) {
      const host = hostKey(family)
      contacts.delete(host)
      expireContacts(nowMs)
      // Whole milliseconds take no memory of their own.
      contacts.set(host, Math.floor(nowMs))
    },
    predict(nowMs) {
      expireVotes(nowMs, 0)
      const best = mostVoted()
      if (!isSame(best, predicted) && nowMs - changedAtMs >= changeIntervalMs) {
        predicted = best
        changedAtMs = nowMs
      }
      return predicted
    },
    isFullCone(nowMs) {
      expireVotes(nowMs, 0)
      return unasked > 0
    },
  }
}

/** The address loaded last as a key of a map. */
function hostKey(family: 4 | 6): number | string {
  if (family === 4) return words[0] as number
  return String.fromCharCode(...new Uint16Array(words.buffer))
}

/** Who votes: whoever has one address has its neighbours too, except in a local network, where they are somebody's own. */
function voterKey(family: 4 | 6): number | string {
  if (isWithin(lan, family)) return `host ${hostKey(family)}`
  const first = (words[0] as number) >>> 0
  return family === 4 ? first >>> 8 : first * 0x10000 + ((words[1] as number) >>> 16)
}

function isSame(a: SeenEndpoint | undefined, b: SeenEndpoint | undefined): boolean {
  return a === b || (a?.ip === b?.ip && a?.port === b?.port)
}
