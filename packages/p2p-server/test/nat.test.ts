import { extIp, type NatMapper } from '@ethwire/nat'
import { describe, expect, test } from 'vitest'
import { createWorld } from './support.ts'
import { whispers } from './whispers.ts'

/** A gateway that can be told what to do. */
function gateway(options: { ip?: () => string; port?: (wished: number) => number } = {}) {
  const log: string[] = []
  const mapper: NatMapper = {
    name: 'test',
    externalIp: async () => options.ip?.() ?? '8.8.4.4',
    async addMapping({ protocol, externalPort, internalPort }) {
      log.push(`add ${protocol} ${externalPort} ${internalPort}`)
      return options.port?.(externalPort) ?? externalPort
    },
    async deleteMapping({ protocol, externalPort }) {
      log.push(`delete ${protocol} ${externalPort}`)
    },
  }
  return { mapper, log: () => log.splice(0) }
}

const listen = { host: '8.8.8.8', port: 30303 }

describe('nat', () => {
  test('gives the record its address before anybody could be told another', async () => {
    const { start } = createWorld()
    const seen: unknown[] = []
    const server = await start(1, {
      nat: extIp('8.8.4.4'),
      discovery: [
        (context) => {
          seen.push(context.localNode.address.host)
          return whispers()(context)
        },
      ],
    })
    expect(seen).toEqual(['8.8.4.4'])
    expect(server.nodeInfo()).toMatchObject({ ip: '8.8.4.4', ports: { discovery: 30303, listener: 30303 } })
  })

  test('maps both ports, says the external ones in the record, and gives them back at the end', async () => {
    const { clock, start, network, datagrams } = createWorld()
    const { mapper, log } = gateway({ port: (wished) => (wished === 30303 ? 40404 : wished) })
    const { dial, listen: bind } = network.host('8.8.8.8')
    const bindDatagram = datagrams.host('8.8.8.8').bind
    const server = await start(1, { nat: mapper, listen, dial, bind, bindDatagram, discovery: [whispers()] })
    await clock.settle()
    expect(log()).toEqual(['add tcp 30303 30303', 'add udp 30303 30303'])
    expect(server.localNode.address).toMatchObject({ host: '8.8.4.4', tcpPort: 40404, udpPort: 40404 })
    await clock.advance(8 * 60_000)
    expect(log()).toEqual(['add tcp 40404 30303', 'add udp 40404 30303'])
    await clock.runUntil(server.close())
    expect(log().sort()).toEqual(['delete tcp 40404', 'delete udp 40404'])
    expect(clock.timers).toBe(0)
  })

  test('maps no port of a loopback or private address, as geth', async () => {
    const { clock, start } = createWorld()
    const { mapper, log } = gateway()
    await start(1, { nat: mapper, listen: { host: '10.0.0.1', port: 30303 }, discovery: [whispers()] })
    await clock.settle()
    expect(log()).toEqual([])
  })

  test('follows an address that changes, and asks for the ports anew', async () => {
    const { clock, start, network } = createWorld()
    let ip = '8.8.4.4'
    const { mapper, log } = gateway({ ip: () => ip })
    const { dial, listen: bind } = network.host('8.8.8.8')
    const server = await start(1, { nat: mapper, listen, dial, bind })
    await clock.settle()
    expect(log()).toEqual(['add tcp 30303 30303'])
    ip = '9.9.9.9'
    await clock.advance(120_000)
    expect(log()).toEqual(['add tcp 30303 30303'])
    expect(server.localNode.address.host).toBe('9.9.9.9')
  })

  test('that fails, or never answers, holds up neither start nor close', async () => {
    const { clock, start, network } = createWorld()
    const { dial, listen: bind } = network.host('8.8.8.8')
    const failing: NatMapper = {
      name: 'failing',
      externalIp: () => Promise.reject(new Error('no gateway')),
      addMapping: () => Promise.reject(new Error('no gateway')),
      deleteMapping: () => {
        throw new Error('no gateway')
      },
    }
    const never: NatMapper = {
      name: 'never',
      externalIp: () => new Promise(() => undefined),
      addMapping: () => new Promise(() => undefined),
      deleteMapping: () => new Promise(() => undefined),
    }
    for (const nat of [failing, never]) {
      const startedMs = clock.monotonicMs()
      const server = await clock.runUntil(start(1, { nat, listen, dial, bind }))
      expect(clock.monotonicMs() - startedMs).toBeLessThanOrEqual(1_000)
      await clock.advance(3_600_000)
      const closedMs = clock.monotonicMs()
      await clock.runUntil(server.close())
      expect(clock.monotonicMs() - closedMs).toBeLessThanOrEqual(5_000)
      expect(clock.timers).toBe(0)
    }
  })
})
