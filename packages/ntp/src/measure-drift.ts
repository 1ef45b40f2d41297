import { type BindDatagram, type Clock, type Random, type Resolver, sleep } from '@ethwire/io'
import { bindDatagram, nodeClock, nodeRandom, nodeResolver } from '@ethwire/io/node'
import { withDeadline } from './deadline.ts'
import { NtpError } from './errors.ts'
import { askForDrift } from './sntp-exchange.ts'

export interface MeasureDriftOptions {
  /** The time server: a name, or an address, which the resolver is to put into canonical form. There is no default. */
  readonly host: string
  /** 123 by default. */
  readonly port?: number
  readonly bind?: BindDatagram
  readonly resolver?: Resolver
  readonly clock?: Clock
  readonly random?: Random
  /** How long to wait for the name's addresses, and for each answer; 5,000 by default. */
  readonly timeoutMs?: number
  /** Between two questions, 2,000 by default: servers refuse who asks faster. */
  readonly intervalMs?: number
  readonly signal?: AbortSignal
}

const defaultPort = 123
/** Questions put; the highest and the lowest answer are dropped. */
const questions = 5
/** Answers without which there is no result: the two to be dropped and one more. */
const minAnswers = 3
const maxAddresses = questions

/**
 * Measures how far this machine's wall clock is from a time server's: asks five times, drops the highest and the lowest
 * answer, and takes the average of the rest. geth asks so, without waiting between, and gives up at the first question that
 * is not answered; here two may stay so, and the next one goes to the name's next address.
 *
 * @returns by how many milliseconds our clock is ahead; negative when it is behind
 * @throws NtpError, and the signal's reason when that aborts
 * @throws TypeError without a host, RangeError for numbers that cannot be
 */
export async function measureDrift(options: MeasureDriftOptions): Promise<number> {
  const {
    host,
    port = defaultPort,
    bind = bindDatagram,
    resolver = nodeResolver,
    clock = nodeClock,
    random = nodeRandom,
    timeoutMs = 5000,
    intervalMs = 2000,
    signal,
  } = options
  if (host === '') throw new TypeError('expected the name or address of a time server')
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`there is no port ${port}`)
  if (!(timeoutMs > 0)) throw new RangeError(`timeoutMs cannot be ${timeoutMs}`)
  if (!(intervalMs >= 0)) throw new RangeError(`intervalMs cannot be ${intervalMs}`)

  const addresses = await addressesOf(host, { resolver, clock, timeoutMs, signal })
  const drifts: number[] = []
  let failure: NtpError | undefined
  let failures = 0
  for (let question = 0; question < questions; question++) {
    if (question > 0) await sleep(clock, intervalMs, signal === undefined ? {} : { signal })
    const ip = addresses[failures % addresses.length] as string
    try {
      drifts.push(await askForDrift({ server: { ip, port }, bind, clock, random, timeoutMs, signal }))
    } catch (error) {
      if (!(error instanceof NtpError)) throw error
      failure = error
      failures++
      // Whoever has been refused must not go on asking.
      if (error.code === 'NTP_REFUSED' || failures > questions - minAnswers) break
    }
  }
  if (failure !== undefined && drifts.length < minAnswers) throw failure
  const kept = drifts.sort((a, b) => a - b).slice(1, -1)
  return kept.reduce((sum, drift) => sum + drift, 0) / kept.length
}

async function addressesOf(
  host: string,
  options: { resolver: Resolver; clock: Clock; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<string[]> {
  const { resolver, clock, timeoutMs, signal } = options
  const what = `time server ${JSON.stringify(host.slice(0, 255))}`
  const found = await withDeadline({ clock, timeoutMs, what, signal }, (until) =>
    resolver.addresses(host, { signal: until }),
  ).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw cause instanceof NtpError ? cause : new NtpError('NTP_UNREACHABLE', `${what} has no address`, { cause })
  })
  if (found.length === 0) throw new NtpError('NTP_UNREACHABLE', `${what} has no address`)
  return found.slice(0, maxAddresses)
}
