import { type ByteStream, type Dial, IoError, type SocketEndpoint } from '@ethwire/io'
import { createVirtualClock } from '@ethwire/testing'
import { describe, expect, test } from 'vitest'
import { raceEndpoints } from '../src/endpoint-race.ts'
import { collect, createWorld, next } from './support.ts'

const at = (ip: string): SocketEndpoint => ({ ip, port: 30303 })
const [four, four2, six, six2] = [at('32.0.0.1'), at('32.0.0.2'), at('2a01::1'), at('2a01::2')] as const

/** A network in which each address answers after so many milliseconds, fails (negative), or never does either. */
function race(endpoints: readonly SocketEndpoint[], answers: Record<string, number | undefined>, obeys = true) {
  const clock = createVirtualClock()
  const tried: [ip: string, atMs: number][] = []
  const given: string[] = []
  const abort = new AbortController()
  const dial: Dial = ({ ip }, { signal } = {}) => {
    tried.push([ip, clock.monotonicMs()])
    const answerMs = answers[ip]
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => {
        given.push(ip)
        if (obeys) reject(new IoError('IO_CLOSED', 'given up'))
      })
      if (answerMs === undefined) return
      clock.setTimer(Math.abs(answerMs), () => {
        if (answerMs < 0) reject(new IoError('IO_REFUSED', `${ip} refuses`))
        else resolve({ remote: { ip, port: 30303 }, abort: () => given.push(`${ip} late`) } as unknown as ByteStream)
      })
    })
  }
  const result = raceEndpoints(endpoints, { dial, clock, signal: abort.signal })
  result.catch(() => undefined)
  return { clock, tried, given, result, abort }
}

describe('endpoints of one node', () => {
  test('are tried 250 ms apart, the families in turn, and the first that answers wins', async () => {
    const { clock, tried, given, result } = race([six, six2, four, four2], { [four.ip]: 100 })
    const { stream, rest } = await clock.runUntil(result)
    expect(stream.remote.ip).toBe(four.ip)
    expect(tried).toEqual([
      [six.ip, 0],
      [four.ip, 250],
    ])
    expect(given).toEqual([six.ip])
    expect(rest.map(({ ip }) => ip)).toEqual([six.ip, six2.ip, four2.ip])
    expect(clock.timers).toBe(0)
  })

  test('do not wait where one has failed', async () => {
    const { clock, tried, result } = race([six, four], { [six.ip]: -10, [four.ip]: 10 })
    expect((await clock.runUntil(result)).rest).toEqual([])
    expect(tried.map(([, ms]) => ms)).toEqual([0, 10])
  })

  test('of which a dial throws at once, even one begun by a timer, have failed, and the next is tried', async () => {
    const clock = createVirtualClock()
    const tried: string[] = []
    const dial: Dial = ({ ip }) => {
      tried.push(ip)
      if (ip === six.ip) return new Promise(() => undefined)
      if (ip === four.ip) throw new Error('out of luck')
      return Promise.resolve({ remote: { ip, port: 30303 }, abort: () => undefined } as unknown as ByteStream)
    }
    const { signal } = new AbortController()
    const { stream } = await clock.runUntil(raceEndpoints([six, four, six2], { dial, clock, signal }))
    expect(stream.remote.ip).toBe(six2.ip)
    expect(tried).toEqual([six.ip, four.ip, six2.ip])
    expect(clock.timers).toBe(0)
    await expect(raceEndpoints([four], { dial, clock, signal })).rejects.toThrow('out of luck')
    expect(clock.timers).toBe(0)
  })

  test('that were slow and answer all the same may win', async () => {
    const { clock, result } = race([six, four], { [six.ip]: 300, [four.ip]: 5_000 })
    expect((await clock.runUntil(result)).stream.remote.ip).toBe(six.ip)
  })

  test('all fail with what the last one failed with', async () => {
    const { clock, result } = race([six, four], { [six.ip]: -400, [four.ip]: -10 })
    await expect(clock.runUntil(result)).rejects.toThrow(`${six.ip} refuses`)
    expect(clock.timers).toBe(0)
  })

  test('are given up together', async () => {
    const { clock, given, result, abort } = race([six, four], {})
    await clock.advance(300)
    abort.abort(new Error('enough'))
    await expect(result).rejects.toThrow('enough')
    expect(given).toEqual([six.ip, four.ip])
    expect(clock.timers).toBe(0)
  })

  test('that answer when it is over are closed', async () => {
    const { clock, given, result } = race([six, four], { [six.ip]: 300, [four.ip]: 1 }, false)
    await clock.runUntil(result)
    await clock.advance(1_000)
    expect(given).toContain('2a01::1 late')
  })
})

describe('servers', () => {
  test('that have IPv6 only find each other', async () => {
    const { clock, start } = createWorld({ ipOf: (n) => `2a01:${n}::1` })
    const a = await start(1)
    expect(a.localNode.enode).toContain('@[2a01:1::1]:30303')
    const b = await start(2, { staticNodes: [a.localNode.enode], trustedNodes: [a.localNode.record.text] })
    const { peer } = await clock.runUntil(next(b, 'peer:add'))
    expect(peer.info().network).toMatchObject({ remoteAddress: '[2a01:1::1]:30303', trusted: true, static: true })
    await clock.advance(1_000)
    expect(a.peers()[0]?.remote.ip).toBe('2a01:2::1')
  })

  test('with both families are reached by the one that works, within a second', async () => {
    for (const dead of ['32.0.0.1', '2a01::1']) {
      const { clock, network, start } = createWorld()
      const hosts = ['32.0.0.1', '2a01::1'].filter((ip) => ip !== dead)
      const a = await start(1, { bind: network.host(hosts[0] ?? '').listen })
      const { address } = a.localNode
      const endpoints = ['2a01::1', '32.0.0.1'].map((host) => ({ host, tcpPort: 30303, udpPort: 30303 }))
      const host = network.host('32.0.0.2')
      const b = await start(2, {
        staticNodes: [{ ...address, endpoints }],
        // An address without a route answers neither yes nor no.
        dial: (endpoint, options) =>
          endpoint.ip === dead
            ? new Promise((_, reject) => options?.signal?.addEventListener('abort', reject))
            : host.dial(endpoint, options),
      })
      const startMs = clock.monotonicMs()
      await clock.runUntil(next(b, 'peer:add'))
      expect(clock.monotonicMs() - startMs).toBeLessThan(1_000)
    }
  })

  test('of one name are told apart by their keys, within one dial', async () => {
    const { clock, start } = createWorld()
    const pods = [await start(1), await start(2), await start(3)] as const
    const named = pods.map(({ localNode }) => localNode.enode.replace(/@[^:]+:/, '@pods.example:'))
    const resolver = {
      addresses: async () => ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
      texts: async () => [],
    }
    const b = await start(9, { staticNodes: named, resolver })
    const failed = collect(b, 'dial:failed')
    await clock.advance(10_000)
    expect(
      b
        .peers()
        .map(({ id, remote }) => [id, remote.ip])
        .sort(),
    ).toEqual(pods.map(({ localNode }, index) => [localNode.nodeIdHex, `10.0.0.${index + 1}`]).sort())
    expect(failed).toEqual([])
  })

  test('case 23: one with another key than it was dialled by is a failure of the handshake, tried less and less', async () => {
    const { clock, start } = createWorld()
    const [a, other] = [await start(1), await start(2)]
    const wrong = other.localNode.enode.replace('10.0.0.2', '10.0.0.1')
    const b = await start(3, { staticNodes: [wrong] })
    const failed = collect(b, 'dial:failed')
    const times: number[] = []
    b.on('dial:failed', () => times.push(clock.monotonicMs()))
    await clock.advance(600_000)
    expect(a.peers()).toEqual([])
    expect(failed.length).toBeGreaterThan(2)
    expect(failed.length).toBeLessThanOrEqual(20)
    const gaps = times.slice(1).map((ms, index) => ms - (times[index] as number))
    expect(gaps.at(-1)).toBeGreaterThan(10 * (gaps[0] as number))
    for (const { stage, error } of failed) expect([stage, error.code]).toEqual(['handshake', 'P2P_AUTH_UNANSWERED'])
  })
})
