import { buildGoPrograms, gethName } from './go.ts'
import { goFirst } from './hostile/priority.ts'
import { type Line, rounded } from './line.ts'
import { startOurs, startTheirs } from './swarm/hosts.ts'
import { type HostFigures, type Load, measureHost } from './swarm/measure-host.ts'

const load: Load = { peers: 1_000, holdSeconds: 40, asking: 50, handshakesPerSecond: 200, stormSeconds: 60 }

const pingLimitMs = 100
const askLimitMs = 250
const kilobytesAPeer = 200
/** The share of strangers whose handshake has to succeed: it is a storm of honest ones. */
const leastHandshakes = 0.99

/** On a machine that others use, too, one run says little: what broke a figure is run again so often. */
const mostRuns = 3

/**
 * A swarm of peers on geth's `p2p/rlpx` around the program as users run it, and around geth's own server: first a thousand
 * that stay and ping, then fifty that ask while strangers shake hands.
 * @throws Error when a figure of ours broke its bound in each run
 */
export async function* benchSwarm(): AsyncGenerator<Line> {
  if (process.platform !== 'linux') throw new Error("the swarm bench reads Linux' /proc")
  buildGoPrograms('swarm', 'p2phost')
  using _first = goFirst()
  const theirs = await figures(startTheirs)
  for (let run = 1; ; run++) {
    const ours = await figures(startOurs)
    const broken = breaches(ours)
    if (broken.length > 0 && run < mostRuns) {
      const waited = rounded(100 * ours.stormWait)
      console.error(`Run ${run} of the swarm: ${broken.join('; ')}; it waited ${waited} % of the time for a processor.`)
      continue
    }
    yield* lines(ours, theirs, run)
    if (broken.length > 0) throw new Error(`in each of ${run} runs a figure broke its bound: ${broken.join('; ')}`)
    return
  }
}

async function figures(start: typeof startOurs): Promise<HostFigures> {
  await using host = await start()
  return await measureHost(host, load)
}

/** What the figures should not be. */
function breaches({ live, ping, bytesAPeer, storm }: HostFigures): string[] {
  const { peers, asking, handshakesPerSecond, stormSeconds } = load
  const checks: [isKept: boolean, what: string][] = [
    [live === peers, `${live} of ${peers} peers live: ${JSON.stringify(ping.lost)}`],
    [ping.unanswered === 0, `${ping.unanswered} pings without a pong`],
    [ping.p99Ms < pingLimitMs, `p99 of a ping ${ping.p99Ms} ms`],
    [bytesAPeer <= kilobytesAPeer * 1024, `${rounded(bytesAPeer / 1024)} KB a peer`],
    [storm.live === asking && storm.unanswered === 0, `${asking - storm.live} of those that ask are gone`],
    [storm.p99Ms < askLimitMs, `p99 of a request among handshakes ${storm.p99Ms} ms`],
    [
      storm.handshakes >= leastHandshakes * handshakesPerSecond * stormSeconds,
      `${storm.handshakes} handshakes succeeded: ${JSON.stringify(storm.refused)}`,
    ],
  ]
  return checks.flatMap(([isKept, what]) => (isKept ? [] : [what]))
}

/** A figure of both servers. */
interface Row {
  readonly name: string
  readonly unit: string
  readonly figure: (host: HostFigures) => number
  readonly isBetterLow: boolean
  readonly note: string
}

function lines(ours: HostFigures, theirs: HostFigures, run: number): Line[] {
  const { peers, holdSeconds, asking, handshakesPerSecond, stormSeconds } = load
  const beside = (figure: (host: HostFigures) => { p99Ms: number }): string =>
    `${rounded(figure(ours).p99Ms)} and ${rounded(figure(theirs).p99Ms)} ms`
  const rows: Row[] = [
    {
      ...{ name: 'join', unit: 'peers/s', isBetterLow: false, figure: (host) => host.joinsPerSecond },
      note: `${peers} eth/70 peers with keys and addresses of their own, until Status; ours is ethwire run; run ${run} of at most ${mostRuns}`,
    },
    {
      ...{ name: 'live', unit: 'peers', isBetterLow: false, figure: (host) => host.live },
      note: `of ${peers}, after ${holdSeconds} s`,
    },
    {
      ...{ name: 'ping-p99', unit: 'ms', isBetterLow: true, figure: (host) => host.ping.p99Ms },
      note: `below ${pingLimitMs}; each peer pings every 2 s; with ten peers ${beside((host) => host.idle)}`,
    },
    {
      ...{ name: 'memory', unit: 'KB/peer', isBetterLow: true, figure: (host) => host.bytesAPeer / 1024 },
      note: `at most ${kilobytesAPeer}; resident; ours with a whole eth session, which geth's host has not`,
    },
    {
      ...{ name: 'hold-cpu', unit: '% of a core', isBetterLow: true, figure: (host) => 100 * host.holdCpu },
      note: 'meanwhile',
    },
    {
      ...{ name: 'request-p99', unit: 'ms', isBetterLow: true, figure: (host) => host.storm.p99Ms },
      note: `below ${askLimitMs}; ${asking} peers ask 10 times a second each, strangers shake hands ${handshakesPerSecond} times a second for ${stormSeconds} s; without strangers ${beside((host) => host.calm)}`,
    },
    {
      ...{ name: 'handshake-p99', unit: 'ms', isBetterLow: true, figure: (host) => host.storm.handshakeP99Ms },
      note: 'of strangers, from connecting to hello',
    },
    {
      ...{ name: 'storm-cpu', unit: '% of a core', isBetterLow: true, figure: (host) => 100 * host.stormCpu },
      note: `meanwhile; other work on the machine kept our main thread waiting ${rounded(100 * ours.stormWait)} % of the time`,
    },
  ]
  return rows.map(({ name, unit, figure, isBetterLow, note }) => {
    const [a, b] = [figure(ours), figure(theirs)]
    const ratio = rounded(isBetterLow ? b / a : a / b)
    const peerName = `${gethName} p2p.Server`
    return { name: `swarm/${name}`, ours: rounded(a), peer: rounded(b), peerName, ratio, unit, note }
  })
}
