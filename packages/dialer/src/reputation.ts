import { type Clock, type Logger, type Metrics, noMetrics, silentLogger } from '@ethwire/io'
import { isLan, networkKey, parseIp } from '@ethwire/netutil'
import { type Offence, type OffenceWeight, offences, offenceWeights } from './offence.ts'
import { createScoreBook } from './score-book.ts'

const HOUR_MS = 60 * 60_000
const BAN_SCORE = -50 * 1024
const BAN_MS = 12 * HOUR_MS
/** What reth gives back to a peer for each second that it is connected; here to everybody. */
const RECOVERY_PER_SECOND = 1
const MAX_BACKOFF_MS = HOUR_MS
/** Backoffs above it are longer each time in a row. */
const MILD_BACKOFF_MS = 60_000
const MAX_NODES = 8192
const MAX_ADDRESSES = 4096
/** That trusted and static nodes are spared is said at most so often. */
const LOG_INTERVAL_MS = 60_000

/** Who did it: a node, or an address that has not proved a key, or both. */
export interface Offender {
  readonly nodeIdHex?: string
  readonly ip?: string
  /** A node that its user vouches for. It is spared, and that is said. */
  readonly standing?: 'trusted' | 'static'
}

/** Whom a ban is for. */
export type BanTarget = { readonly nodeIdHex: string } | { readonly ip: string }

/** How it stands with a node or an address. */
export interface Standing {
  /** From 0 down to where a ban begins. */
  readonly score: number
  readonly bannedForMs: number
  /** How long it is to be left alone besides; addresses never are. */
  readonly backoffMs: number
}

/** What the whole amounts to. */
export interface ReputationState {
  readonly scoredNodes: number
  readonly scoredAddresses: number
  readonly bannedNodes: number
  readonly bannedAddresses: number
  readonly reports: Readonly<Record<Offence, number>>
  /** Offences of trusted and static nodes, which cost nothing. */
  readonly spared: number
}

/** Remembers who misbehaved, and says whom to have nothing to do with for a while. */
export interface Reputation {
  /**
   * Charges an offence. Who reports it ends the connection by itself, also when this says `banned`.
   * @throws TypeError for an `ip` that is none
   */
  report(offender: Offender, offence: Offence): 'noted' | 'banned' | 'spared'
  /** Whether a node or its address is banned, and which of the two. */
  isBanned(nodeIdHex: string | undefined, ip: string | undefined): 'node' | 'address' | undefined
  /** Milliseconds that a node is to be left alone; 0: it may be dialled. */
  backoffMs(nodeIdHex: string): number
  /** A connection to it came to something: its backoffs begin anew, and failed dials are forgiven. */
  succeeded(nodeIdHex: string): void
  /** Bans by hand, for 12 h unless said otherwise. @throws TypeError for text that is no IP address */
  ban(target: BanTarget, forMs?: number): void
  /** Ends a ban, and forgets all else; false if nothing was known. @throws TypeError for text that is no IP address */
  unban(target: BanTarget): boolean
  explain(target: BanTarget): Standing
  state(): ReputationState
}

export interface ReputationOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Who falls below it is banned; default −50 × 1024. */
  readonly banScore?: number
  /** Default 12 h. */
  readonly banMs?: number
  /** What a score recovers in a second, default 1. */
  readonly recoveryPerSecond?: number
  /** Nodes remembered with a score, and as many banned ones; default 8,192. */
  readonly maxNodes?: number
  /** The same for addresses, default 4,096. */
  readonly maxAddresses?: number
  /** What offences cost, where that is to be other than reth's. */
  readonly weights?: Readonly<Partial<Record<Offence, OffenceWeight>>>
  readonly logger?: Logger
  /** Counts `p2p/reputation/<offence>`, `…/banned/nodes`, `…/banned/addresses` and `…/spared`. */
  readonly metrics?: Metrics
}

/** A node that is left alone. */
interface Backoff {
  readonly untilMs: number
  /** Offences in a row that are more than mild. */
  readonly inARow: number
  /** What failed dials took from its score since it was last met. */
  readonly lostToDials: number
}

/**
 * Makes a reputation like reth's: each offence takes from a node's score, which recovers with time; below −50 Ki the node is
 * banned for 12 h. Failures to be there have it left alone for 30 s, 3 min or 15 min, longer each time, up to an hour.
 *
 * Keys cost nothing, so an offence counts a little against the address, too; not against those of the local network, where
 * many may be behind one. IPv6 addresses go by their /64.
 *
 * @example
 * import { createReputation } from '@ethwire/dialer'
 * import { nodeClock } from '@ethwire/io/node'
 *
 * const reputation = createReputation({ clock: nodeClock })
 * const node = { nodeIdHex: '5a'.repeat(32), ip: '8.8.8.8' }
 * for (let i = 0; i < 4; i++) console.log(reputation.report(node, 'bad-message')) // noted, noted, noted, banned
 * console.log(reputation.isBanned(node.nodeIdHex, node.ip)) // node
 */
export function createReputation(options: ReputationOptions): Reputation {
  const { clock, logger = silentLogger, metrics = noMetrics, maxNodes = MAX_NODES } = options
  const { banScore = BAN_SCORE, banMs = BAN_MS, recoveryPerSecond = RECOVERY_PER_SECOND } = options
  const { maxAddresses = MAX_ADDRESSES } = options
  check({ banScore, banMs, recoveryPerSecond, maxNodes, maxAddresses })
  const weights = { ...offenceWeights, ...options.weights }
  const rules = { clock, banScore, banMs, recoveryPerSecond }
  const nodes = createScoreBook({ ...rules, maxEntries: maxNodes })
  const addresses = createScoreBook({ ...rules, maxEntries: maxAddresses })
  // bounded: maxNodes, LRU
  const backoffs = new Map<string, Backoff>()
  const reports = Object.fromEntries(offences.map((offence) => [offence, 0])) as Record<Offence, number>
  let spared = 0
  let loggedMs = Number.NEGATIVE_INFINITY

  function spare(offender: Offender, offence: Offence): 'spared' {
    spared++
    metrics.counter('p2p/reputation/spared').add()
    const nowMs = clock.monotonicMs()
    if (nowMs - loggedMs >= LOG_INTERVAL_MS) {
      loggedMs = nowMs
      const { nodeIdHex: id, ip: addr, standing } = offender
      logger.warn({ id, addr, standing, offence, spared }, 'A node that is vouched for misbehaves, and is spared')
    }
    return 'spared'
  }

  function backOff(nodeId: string, offence: Offence): void {
    const { backoffMs, node } = weights[offence]
    if (backoffMs === 0) return
    const isMild = backoffMs <= MILD_BACKOFF_MS
    const before = backoffs.get(nodeId) ?? { inARow: 0, lostToDials: 0 }
    const inARow = isMild ? before.inARow : before.inARow + 1
    const delayMs = Math.min(MAX_BACKOFF_MS, isMild ? backoffMs : backoffMs * inARow)
    const lostToDials = before.lostToDials + (offence === 'dial-failure' ? node : 0)
    backoffs.delete(nodeId)
    backoffs.set(nodeId, { untilMs: clock.monotonicMs() + delayMs, inARow, lostToDials })
    if (backoffs.size > maxNodes) backoffs.delete(backoffs.keys().next().value as string)
  }

  function backoffMs(nodeId: string): number {
    return Math.max(0, (backoffs.get(nodeId)?.untilMs ?? 0) - clock.monotonicMs())
  }

  function banned(what: 'nodes' | 'addresses', fields: { id?: string; addr?: string; offence: Offence }): void {
    metrics.counter(`p2p/reputation/banned/${what}`).add()
    logger.debug(fields, what === 'nodes' ? 'A node is banned' : 'An address is banned')
  }

  return {
    report(offender, offence) {
      const { nodeIdHex, ip } = offender
      reports[offence]++
      metrics.counter(`p2p/reputation/${offence}`).add()
      if (offender.standing !== undefined) return spare(offender, offence)
      const weight = weights[offence]
      let hasBanned = false
      if (nodeIdHex !== undefined) {
        backOff(nodeIdHex, offence)
        if (nodes.charge(nodeIdHex, weight.node)) {
          hasBanned = true
          banned('nodes', { id: nodeIdHex, offence })
        }
      }
      const key = ip === undefined || isLan(ip) ? undefined : networkKey(ip)
      // Who has not proved a key has nothing but its address to lose.
      const cost = nodeIdHex === undefined ? Math.min(weight.node, 16 * 1024) : weight.address
      if (key !== undefined && addresses.charge(key, cost)) {
        hasBanned = true
        banned('addresses', { addr: key, offence })
      }
      return hasBanned ? 'banned' : 'noted'
    },
    isBanned(nodeIdHex, ip) {
      if (nodeIdHex !== undefined && nodes.bannedMs(nodeIdHex) > 0) return 'node'
      // An endpoint may have a name instead.
      if (!addresses.hasBans || ip === undefined || parseIp(ip) === undefined) return undefined
      return addresses.bannedMs(networkKey(ip)) > 0 ? 'address' : undefined
    },
    backoffMs,
    succeeded(nodeIdHex) {
      nodes.credit(nodeIdHex, backoffs.get(nodeIdHex)?.lostToDials ?? 0)
      backoffs.delete(nodeIdHex)
    },
    ban(target, forMs = banMs) {
      if (!(forMs > 0)) throw new RangeError(`forMs must be above 0, got ${forMs}`)
      if ('nodeIdHex' in target) nodes.ban(target.nodeIdHex, forMs)
      else addresses.ban(networkKey(target.ip), forMs)
    },
    unban(target) {
      if (!('nodeIdHex' in target)) return addresses.clear(networkKey(target.ip))
      const hadBackoff = backoffs.delete(target.nodeIdHex)
      return nodes.clear(target.nodeIdHex) || hadBackoff
    },
    explain(target) {
      const isNode = 'nodeIdHex' in target
      const book = isNode ? nodes : addresses
      const key = isNode ? target.nodeIdHex : networkKey(target.ip)
      return { score: book.score(key), bannedForMs: book.bannedMs(key), backoffMs: isNode ? backoffMs(key) : 0 }
    },
    state: () => ({
      ...{ scoredNodes: nodes.scored, scoredAddresses: addresses.scored },
      ...{ bannedNodes: nodes.banned, bannedAddresses: addresses.banned },
      ...{ reports: { ...reports }, spared },
    }),
  }
}

function check({ banScore, banMs, recoveryPerSecond, maxNodes, maxAddresses }: Record<string, number>): void {
  if (banScore === undefined || !(banScore < 0)) throw new RangeError(`banScore must be below 0, got ${banScore}`)
  if (banMs === undefined || !(banMs > 0)) throw new RangeError(`banMs must be above 0, got ${banMs}`)
  if (recoveryPerSecond === undefined || !(recoveryPerSecond >= 0))
    throw new RangeError(`recoveryPerSecond must be at least 0, got ${recoveryPerSecond}`)
  for (const [name, value] of Object.entries({ maxNodes, maxAddresses })) {
    if (!Number.isInteger(value) || Number(value) < 1)
      throw new RangeError(`${name} must be an integer from 1, got ${value}`)
  }
}
