import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { processFigures, waitedForCpuMs } from '../hostile/proc.ts'
import type { Host } from './hosts.ts'
import { type SwarmAnswer, startSwarm } from './swarm-process.ts'

export interface Load {
  readonly peers: number
  /** How long all of them stay, each pinging every two seconds. */
  readonly holdSeconds: number
  /** Those that go on when the others have left, ten requests a second each. */
  readonly asking: number
  readonly handshakesPerSecond: number
  readonly stormSeconds: number
}

/** What a server did under the load. */
export interface HostFigures {
  /** Ten peers and nobody else: what the machine itself takes. */
  readonly idle: SwarmAnswer
  readonly joinsPerSecond: number
  /** At the end of the hold. */
  readonly live: number
  readonly ping: SwarmAnswer
  readonly bytesAPeer: number
  /** Those that ask, without strangers and with them. */
  readonly calm: SwarmAnswer
  readonly storm: SwarmAnswer
  /** Of a core, in the hold and in the storm. */
  readonly holdCpu: number
  readonly stormCpu: number
  /** The share of the storm for which its main thread was ready and others had the processors. */
  readonly stormWait: number
}

const pingMs = 2_000
const askMs = 100
const idlePeers = 10
const idleSeconds = 5
/** A process gives back what it took for a moment. */
const settleMs = 3_000

/** Puts a server under the load, in one go: first the peers, then the storm. */
export async function measureHost({ enode, pid }: Host, load: Load): Promise<HostFigures> {
  using swarm = startSwarm(enode)
  const { peers, holdSeconds, asking, handshakesPerSecond, stormSeconds } = load
  const ask = { do: 'ask', sessions: asking, intervalMs: askMs } as const

  await swarm.tell({ do: 'join', count: idlePeers })
  const idle = await swarm.tell({ do: 'ping', sessions: idlePeers, intervalMs: askMs * 2, seconds: idleSeconds })
  await delay(settleMs)
  const before = processFigures(pid).residentBytes

  const joined = await swarm.tell({ do: 'join', count: peers - idlePeers })
  if (joined.refused !== undefined) throw new Error(`peers were not let in: ${JSON.stringify(joined.refused)}`)
  const holdFrom = cpuSeconds(pid)
  const ping = await swarm.tell({ do: 'ping', sessions: peers, intervalMs: pingMs, seconds: holdSeconds })
  const holdCpu = (cpuSeconds(pid) - holdFrom) / ping.seconds
  await delay(settleMs)
  const after = processFigures(pid).residentBytes

  await swarm.tell({ do: 'leave', keep: asking })
  await delay(settleMs)
  const calm = await swarm.tell({ ...ask, seconds: idleSeconds, handshakes: 0 })
  const stormFrom = cpuSeconds(pid)
  const waitFrom = waitedForCpuMs(pid)
  const storm = await swarm.tell({ ...ask, seconds: stormSeconds, handshakes: handshakesPerSecond })
  const stormCpu = (cpuSeconds(pid) - stormFrom) / storm.seconds
  const stormWait = (waitedForCpuMs(pid) - waitFrom) / (1000 * storm.seconds)
  return {
    ...{ idle, ping, calm, storm, holdCpu, stormCpu, stormWait },
    joinsPerSecond: (peers - idlePeers) / joined.seconds,
    live: ping.live,
    bytesAPeer: (after - before) / (peers - idlePeers),
  }
}

/** proc(5), `stat`: ticks of 10 ms in user and in system mode, after the name in brackets. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
