import { IoError } from '@ethwire/io'
import { bindDatagram, nodeClock, nodeResolver } from '@ethwire/io/node'
import { createMemoryDatagramNetwork, createSeededRandom, createVirtualClock } from '@ethwire/testing'
import { describe, expect, it } from 'vitest'
import { encodeSntpPacket, type MeasureDriftOptions, measureDrift, NtpError, type SntpPacket } from '../src/index.ts'
import { type Behaviour, resolverTo, startTimeServer, timeServerName } from './time-server.ts'

const serverIp = '10.0.0.1'
const port = 123

interface WorldOptions {
  behaviour?: Behaviour
  latencyMs?: number
  resolver?: ReturnType<typeof resolverTo>
}

/** A machine and a time server in virtual time; the server goes by a clock that nobody sets. */
async function createWorld({ behaviour, latencyMs = 30, resolver = resolverTo(serverIp) }: WorldOptions = {}) {
  const clock = createVirtualClock()
  const startMs = clock.now()
  const network = createMemoryDatagramNetwork({ clock, latencyMs })
  const server = await startTimeServer({
    bind: network.host(serverIp).bind,
    ip: serverIp,
    port,
    trueMs: () => startMs + clock.monotonicMs(),
    ...(behaviour === undefined ? {} : { behaviour }),
  })
  const { bind } = network.host('10.0.0.2')
  const options = { host: timeServerName, bind, resolver, clock, random: createSeededRandom(1) }
  const measure = (more: Partial<MeasureDriftOptions> = {}): Promise<number> => {
    const work = measureDrift({ ...options, ...more })
    work.catch(() => undefined)
    return clock.runUntil(work)
  }
  return { clock, network, server, measure }
}

const failure = async (work: Promise<number>): Promise<NtpError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(NtpError)
  return error as NtpError
}

/** One answer as it should be, the rest changed. */
const changed =
  (change: Partial<SntpPacket>): Behaviour =>
  (answer) => [{ ...answer, ...change }]

describe('measuring drift', () => {
  it.each([0, 60_000, -60_000, 86_400_000, -86_400_000, 0.25, -1_700_000_000_000])(
    'case 67: finds that the clock is %d ms off',
    async (driftMs) => {
      const { clock, measure, server } = await createWorld()
      clock.stepWallClock(driftMs)
      expect(Math.abs((await measure()) - driftMs)).toBeLessThan(0.01)
      expect(server.questions).toHaveLength(5)
      expect(clock.timers).toBe(0)
    },
  )

  it('tells the server nothing: not the time, and no number twice', async () => {
    const { measure, server } = await createWorld()
    await measure()
    const seen = new Set(server.questions.map(({ transmitTime }) => transmitTime))
    expect(seen.size).toBe(5)
    for (const { transmitTime, ...rest } of server.questions) {
      expect(rest).toMatchObject({
        version: 4,
        mode: 3,
        stratum: 0,
        referenceTime: 0n,
        originTime: 0n,
        receiveTime: 0n,
      })
    }
  })

  it('asks every two seconds', async () => {
    const { clock, measure } = await createWorld({ latencyMs: 10 })
    await measure()
    expect(clock.monotonicMs()).toBe(4 * 2000 + 5 * 20)
  })

  it('drops the highest and the lowest answer', async () => {
    const late: Behaviour = (answer, question) => {
      const shift = BigInt(([0, 1_000_000, 300, -9_000_000, 600][question] ?? 0) * 2 ** 32) / 1000n
      return [{ ...answer, receiveTime: answer.receiveTime + shift, transmitTime: answer.transmitTime + shift }]
    }
    const { measure } = await createWorld({ behaviour: late })
    expect(await measure()).toBeCloseTo(-300, 1)
  })

  it('case 67: is right about the clock as it was when that is set back between question and answer', async () => {
    const { clock, measure } = await createWorld({ latencyMs: 1000 })
    clock.setTimer(500, () => clock.stepWallClock(-3_600_000))
    clock.setTimer(4500, () => clock.stepWallClock(-3_600_000))
    // As asked: 0, -1 h, and -2 h three times, of which the highest and one of the lowest are dropped.
    expect(Math.abs((await measure()) - -(3_600_000 + 7_200_000 + 7_200_000) / 3)).toBeLessThan(1)
  })

  it('does with three answers of five, and asks the next address after a silence', async () => {
    const { measure, server } = await createWorld({ behaviour: (answer, question) => (question < 2 ? [] : [answer]) })
    expect(Math.abs(await measure())).toBeLessThan(0.01)
    expect(server.questions).toHaveLength(5)
    const other = await createWorld({ resolver: resolverTo('10.0.0.9', serverIp) })
    expect(Math.abs(await other.measure())).toBeLessThan(0.01)
    expect(other.server.questions).toHaveLength(4)
  })

  it('gives up after three silences, in bounded time', async () => {
    const { clock, measure, server } = await createWorld({ behaviour: () => [] })
    expect((await failure(measure())).code).toBe('NTP_NO_ANSWER')
    expect(server.questions).toHaveLength(3)
    expect(clock.monotonicMs()).toBe(3 * 5000 + 2 * 2000)
    expect(clock.timers).toBe(0)
  })

  it.each<[string, Behaviour]>([
    ['with the origin time of no question', (answer) => [{ ...answer, originTime: answer.originTime ^ 1n }]],
    ['by a client', changed({ mode: 3 })],
    ['by a broadcaster', changed({ mode: 5 })],
    ['that is too short', (answer) => [encodeSntpPacket(answer).subarray(0, 47)]],
    ['that is empty', () => [new Uint8Array(0)]],
    ['from another port', (answer) => [{ bytes: encodeSntpPacket(answer), by: 'stranger' }]],
  ])('waits on after a packet %s', async (_, wrong) => {
    const { measure } = await createWorld({ behaviour: (...question) => [...wrong(...question), question[0]] })
    expect(Math.abs(await measure())).toBeLessThan(0.01)
    const alone = await createWorld({ behaviour: wrong })
    expect((await failure(alone.measure())).code).toBe('NTP_NO_ANSWER')
  })

  it('gives up on a question after 64 packets that are no answer', async () => {
    const { clock, measure } = await createWorld({ behaviour: () => new Array(64).fill(new Uint8Array(48)) })
    expect((await failure(measure())).code).toBe('NTP_NO_ANSWER')
    expect(clock.monotonicMs()).toBeLessThan(5000)
  })

  it.each<[string, Partial<SntpPacket>, string]>([
    ['leap 3', { leap: 3 }, 'NTP_UNSET'],
    ['stratum 16', { stratum: 16 }, 'NTP_UNSET'],
    ['version 2', { version: 2 }, 'NTP_INVALID'],
    ['no transmit time', { transmitTime: 0n }, 'NTP_INVALID'],
    ['no receive time', { receiveTime: 0n }, 'NTP_INVALID'],
    ['a root delay below zero', { rootDelayMs: -1 }, 'NTP_INVALID'],
    ['a root delay of 1 s', { rootDelayMs: 1000 }, 'NTP_INVALID'],
    ['a root dispersion of 1 s', { rootDispersionMs: 1000 }, 'NTP_INVALID'],
    ['an answer years before the question', { transmitTime: 2_300_000_000n << 32n }, 'NTP_INVALID'],
    ['an answer years after the question', { receiveTime: 2_300_000_000n << 32n }, 'NTP_INVALID'],
  ])('does not believe a server with %s', async (_, change, code) => {
    const { measure, server } = await createWorld({ behaviour: changed(change) })
    expect((await failure(measure())).code).toBe(code)
    expect(server.questions).toHaveLength(3)
  })

  it.each([
    ['RATE', 'RATE'],
    ['DENY', 'DENY'],
    ['\u001b[2J', 'no code'],
  ])('asks no more after a refusal (%j)', async (kiss, shown) => {
    const referenceId = Uint8Array.from(kiss, (char) => char.charCodeAt(0))
    const { measure, server } = await createWorld({ behaviour: changed({ stratum: 0, leap: 3, referenceId }) })
    const error = await failure(measure())
    expect(error.code).toBe('NTP_REFUSED')
    expect(error.message).toContain(`refuses: ${shown}`)
    expect(server.questions).toHaveLength(1)
  })

  it('says why when the name has no address, when it is not found in time, and when nothing can be sent', async () => {
    const { clock, measure } = await createWorld()
    const unknown = await failure(measure({ host: 'nowhere.test' }))
    expect([unknown.code, String(unknown.cause)]).toEqual(['NTP_UNREACHABLE', expect.stringContaining('nowhere.test')])
    expect((await failure(measure({ resolver: resolverTo() }))).code).toBe('NTP_UNREACHABLE')
    const started = clock.monotonicMs()
    const stuck = { addresses: () => new Promise<string[]>(() => undefined), texts: async () => [] }
    expect((await failure(measure({ resolver: stuck }))).code).toBe('NTP_NO_ANSWER')
    expect(clock.monotonicMs() - started).toBe(5000)
    const bind = () => Promise.reject(new Error('no more sockets'))
    expect((await failure(measure({ bind }))).code).toBe('NTP_UNREACHABLE')
    const mute: MeasureDriftOptions['bind'] = async (endpoint) => ({
      local: endpoint,
      send: () => Promise.reject(new Error('no route')),
      close: async () => undefined,
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    })
    expect((await failure(measure({ bind: mute }))).code).toBe('NTP_UNREACHABLE')
    expect(clock.timers).toBe(0)
  })

  it('says why when a socket breaks while an answer is awaited, and asks again by another', async () => {
    const { clock, network, measure } = await createWorld()
    const { bind } = network.host('10.0.0.3')
    const broken = new IoError('IO_BROKEN', 'the interface is gone')
    let closed = 0
    const breaking: MeasureDriftOptions['bind'] = async (endpoint) => ({
      local: endpoint,
      send: async () => undefined,
      close: async () => void closed++,
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(broken) }),
    })
    const error = await failure(measure({ bind: breaking }))
    expect([error.code, error.cause]).toEqual(['NTP_UNREACHABLE', broken])
    expect(closed).toBe(3)
    let bound = 0
    const flaky: MeasureDriftOptions['bind'] = (endpoint) => (bound++ === 0 ? breaking(endpoint) : bind(endpoint))
    expect(Math.abs(await measure({ bind: flaky }))).toBeLessThan(0.01)
    expect(clock.timers).toBe(0)
  })

  it.each([
    ['at once', -1],
    ['while the name is looked up', 10],
    ['while an answer is awaited', 50],
    ['between two questions', 1500],
  ])('stops when it is told to: %s', async (_, atMs) => {
    const stuck = { addresses: () => new Promise<string[]>(() => undefined), texts: async () => [] }
    const resolver = atMs === 10 ? stuck : resolverTo(serverIp)
    const { clock, measure } = await createWorld({ latencyMs: 100, resolver })
    const controller = new AbortController()
    if (atMs < 0) controller.abort(new Error('enough'))
    else clock.setTimer(atMs, () => controller.abort(new Error('enough')))
    await expect(measure({ signal: controller.signal })).rejects.toThrow('enough')
    expect(clock.monotonicMs()).toBe(Math.max(0, atMs))
    // What is under way arrives yet.
    await clock.advance(200)
    expect(clock.timers).toBe(0)
  })

  it('refuses options that cannot be', async () => {
    for (const options of [{ port: 0 }, { port: 65_536 }, { timeoutMs: 0 }, { intervalMs: -1 }]) {
      await expect(measureDrift({ host: timeServerName, ...options })).rejects.toThrow(RangeError)
    }
    await expect(measureDrift({ host: '' })).rejects.toThrow(TypeError)
  })

  it('works over real sockets, by address', async () => {
    const server = await startTimeServer({ bind: bindDatagram, trueMs: () => nodeClock.now() - 3_600_000 })
    try {
      const { ip, port: bound } = server.local
      const options = { host: ip, port: bound, intervalMs: 0, resolver: nodeResolver }
      const driftMs = await measureDrift(options)
      // Half of a loopback round trip on a machine that may be busy.
      expect(Math.abs(driftMs - 3_600_000)).toBeLessThan(5000)
      expect(server.questions).toHaveLength(5)
    } finally {
      await server.close()
    }
  })
})
