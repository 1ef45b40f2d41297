import type { Datagram, DatagramSocket } from '@ethwire/io'
import { describe, expect, it } from 'vitest'
import {
  createMemoryDatagramNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryDatagramNetwork,
  type MemoryDatagramNetworkOptions,
  type VirtualClock,
} from '../src/index.ts'

interface Bench {
  readonly clock: VirtualClock
  readonly network: MemoryDatagramNetwork
  socket(ip: string, port?: number): Promise<DatagramSocket>
}

function createBench(options: Partial<MemoryDatagramNetworkOptions> = {}): Bench {
  const clock = createVirtualClock()
  const network = createMemoryDatagramNetwork({ clock, ...options })
  return { clock, network, socket: (ip, port = 30303) => network.bind({ ip, port }) }
}

/** Reads on in the background; what has come so far is in the array. */
function inbox(socket: DatagramSocket): Datagram[] {
  const seen: Datagram[] = []
  void (async () => {
    for await (const datagram of socket) seen.push(datagram)
  })()
  return seen
}

const numbers = (datagrams: Datagram[]): number[] =>
  datagrams.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))

const numbered = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

async function sendMany(from: DatagramSocket, to: DatagramSocket, count: number): Promise<void> {
  for (let value = 0; value < count; value++) await from.send(numbered(value), to.local)
}

describe('a datagram network', () => {
  it('brings a packet to the socket at that address, at once where there is no latency', async () => {
    const { clock, socket } = createBench()
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    const [atA, atB] = [inbox(a), inbox(b)]
    const bytes = Uint8Array.of(1, 2, 3)
    await a.send(bytes, b.local)
    bytes.fill(0)
    await clock.settle()
    expect(atB).toEqual([{ bytes: Uint8Array.of(1, 2, 3), from: { ip: '10.0.0.1', port: 30303 } }])
    expect(atA).toEqual([])
  })

  it('hands packets over as they come, those that wait first, and never while they are being sent', async () => {
    const { socket, clock } = createBench()
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await sendMany(a, b, 2)
    const seen: Datagram[] = []
    b.onPacket?.((datagram) => seen.push(datagram))
    expect(numbers(seen)).toEqual([0, 1])
    const sending = a.send(numbered(2), b.local)
    expect(seen).toHaveLength(2)
    await sending
    expect(numbers(seen)).toEqual([0, 1, 2])
    void a.send(numbered(3), b.local)
    await b.close()
    await clock.settle()
    expect(seen).toHaveLength(3)
  })

  it('takes a free port for port 0, and refuses one in use and an address of another host', async () => {
    const { network } = createBench()
    const host = network.host('10.0.0.1')
    const [a, b] = [await host.bind({ ip: '0.0.0.0', port: 0 }), await host.bind({ ip: '::', port: 0 })]
    expect(a.local.ip).toBe('10.0.0.1')
    expect(a.local.port).not.toBe(b.local.port)
    await expect(host.bind(a.local)).rejects.toMatchObject({ code: 'IO_ADDRESS_IN_USE' })
    await expect(host.bind({ ip: '10.0.0.2', port: 0 })).rejects.toMatchObject({ code: 'IO_UNREACHABLE' })
    await a.close()
    expect((await host.bind(a.local)).local).toEqual(a.local)
  })

  it('ends iteration on close, once or twice, and sends no more', async () => {
    const { network, socket, clock } = createBench({ latencyMs: 10 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await a.send(numbered(1), b.local)
    const reading = (async () => {
      for await (const _ of b) throw new Error('it came after close')
    })()
    await b.close()
    await b.close()
    await reading
    await clock.advance(10)
    expect(network.counters.dropped.unreachable).toBe(1)
    await expect(b.send(numbered(1), a.local)).rejects.toMatchObject({ code: 'IO_CLOSED' })
  })

  it('refuses what fits into no datagram', async () => {
    const { socket } = createBench()
    const a = await socket('10.0.0.1')
    await a.send(new Uint8Array(65_507), a.local)
    await expect(a.send(new Uint8Array(65_508), a.local)).rejects.toMatchObject({ code: 'IO_LIMIT' })
  })

  it('loses silently what nobody is there for', async () => {
    const { network, socket } = createBench()
    const a = await socket('10.0.0.1')
    await a.send(numbered(1), { ip: '10.0.0.9', port: 1 })
    await a.send(numbered(1), { ip: '10.0.0.1', port: 1 })
    expect(network.counters.dropped.unreachable).toBe(2)
  })

  it('keeps a bounded number of packets for a reader that does not read', async () => {
    const { network, socket, clock } = createBench({ maxWaiting: 3 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await sendMany(a, b, 10)
    const seen = inbox(b)
    await clock.settle()
    expect(numbers(seen)).toEqual([0, 1, 2])
    expect(network.counters.dropped['queue-full']).toBe(7)
    expect(network.host('10.0.0.2').traffic).toMatchObject({ receivedPackets: 3, droppedPackets: 7 })
  })

  it('keeps a bounded number of packets under way', async () => {
    const { network, socket, clock } = createBench({ maxInFlight: 3, latencyMs: 5 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await sendMany(a, b, 10)
    expect([network.inFlight, network.counters.dropped['in-flight-full']]).toEqual([3, 7])
    await clock.advance(5)
    expect([network.inFlight, network.counters.deliveredPackets]).toEqual([0, 3])
  })

  it('counts packets and bytes in both directions, for each host and in all', async () => {
    const { network, socket } = createBench()
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await a.send(new Uint8Array(100), b.local)
    await a.send(new Uint8Array(20), b.local)
    await b.send(new Uint8Array(3), a.local)
    expect(network.host('10.0.0.1').traffic).toEqual({
      sentPackets: 2,
      sentBytes: 120,
      receivedPackets: 1,
      receivedBytes: 3,
      droppedPackets: 0,
    })
    expect(network.counters).toMatchObject({ sentPackets: 3, sentBytes: 123, deliveredPackets: 3, deliveredBytes: 123 })
  })

  it('is the same for the same seed', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const { clock, socket } = createBench({
        random: createSeededRandom(seed),
        latencyMs: [10, 100],
        lossPercent: 20,
        duplicatePercent: 20,
        reorderPercent: 20,
      })
      const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
      const seen = inbox(b)
      await sendMany(a, b, 500)
      await clock.advance(1000)
      return numbers(seen)
    }
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  it('refuses faults that make no sense, and keeps the old ones then', async () => {
    const { network, socket } = createBench({ lossPercent: 100 })
    for (const faults of [
      { lossPercent: 101 },
      { duplicatePercent: -1 },
      { reorderPercent: Number.NaN },
      { reorderMs: -1 },
      { latencyMs: -1 },
      { latencyMs: [20, 10] as const },
      { lossPercent: 0, latencyMs: Number.NaN },
    ]) {
      expect(() => network.setFaults(faults)).toThrow(RangeError)
    }
    const a = await socket('10.0.0.1')
    await a.send(numbered(1), a.local)
    expect(network.counters.dropped.loss).toBe(1)
  })
})

describe('latency', () => {
  it('is the same for a pair of hosts, both ways, and within the range', async () => {
    const { clock, network } = createBench({ latencyMs: [20, 120] })
    const times: number[] = []
    for (let index = 0; index < 20; index++) {
      const a = await network.bind({ ip: `10.0.${index}.1`, port: 1 })
      const b = await network.bind({ ip: `10.0.${index}.2`, port: 1 })
      const startMs = clock.monotonicMs()
      const oneWay: number[] = []
      void (async () => {
        for await (const { from, bytes } of b) {
          oneWay.push(clock.monotonicMs() - startMs)
          await b.send(bytes, from)
        }
      })()
      void (async () => {
        for await (const _ of a) oneWay.push(clock.monotonicMs() - startMs)
      })()
      await a.send(numbered(0), b.local)
      await clock.advance(240)
      const [there = 0, back = 0] = oneWay
      expect(there).toBeGreaterThanOrEqual(20)
      expect(there).toBeLessThanOrEqual(120)
      expect(back).toBe(there * 2)
      times.push(there)
    }
    expect(new Set(times).size).toBeGreaterThan(10)
  })

  it('keeps the order of packets, and delivers those of one millisecond together', async () => {
    const { clock, socket } = createBench({ latencyMs: 30 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    const seen = inbox(b)
    await sendMany(a, b, 100)
    expect(clock.timers).toBe(1)
    await clock.advance(29)
    expect(seen).toHaveLength(0)
    await clock.advance(1)
    expect(numbers(seen)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })
})

describe('faults', () => {
  it('lose the share that was asked for', async () => {
    const { network, socket } = createBench({ lossPercent: 5, maxWaiting: 100_000 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await sendMany(a, b, 20_000)
    const { dropped, deliveredPackets } = network.counters
    expect(dropped.loss).toBeGreaterThan(850)
    expect(dropped.loss).toBeLessThan(1150)
    expect(deliveredPackets + dropped.loss).toBe(20_000)
  })

  it('double packets, in arrays of their own', async () => {
    const { clock, network, socket } = createBench({ duplicatePercent: 100 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    const seen = inbox(b)
    await sendMany(a, b, 10)
    await clock.advance(50)
    expect(numbers(seen).sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9])
    expect(new Set(seen.map(({ bytes }) => bytes.buffer)).size).toBe(20)
    expect(network.counters).toMatchObject({ sentPackets: 10, deliveredPackets: 20, duplicated: 10 })
  })

  it('hold packets back so that later ones overtake them', async () => {
    const { clock, network, socket } = createBench({ latencyMs: 10, reorderPercent: 20, reorderMs: 40 })
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    const seen = inbox(b)
    await sendMany(a, b, 100)
    await clock.advance(50)
    const order = numbers(seen)
    const late = order.filter((value, index) => index > 0 && value < (order[index - 1] ?? 0))
    expect(order).toHaveLength(100)
    expect(late.length).toBeGreaterThan(5)
    expect(network.counters.reordered).toBeGreaterThan(10)
  })

  it('come and go', async () => {
    const { network, socket } = createBench()
    const [a, b] = [await socket('10.0.0.1'), await socket('10.0.0.2')]
    await sendMany(a, b, 10)
    network.setFaults({ lossPercent: 100 })
    await sendMany(a, b, 10)
    network.setFaults({ lossPercent: 0 })
    await sendMany(a, b, 10)
    expect(network.counters).toMatchObject({ deliveredPackets: 20, dropped: { loss: 10 } })
  })
})

describe('a partition', () => {
  it('keeps groups apart until it is healed, newcomers too', async () => {
    const { network, socket } = createBench()
    const [left, right] = [await socket('10.1.0.1'), await socket('10.2.0.1')]
    network.partition((ip) => ip.startsWith('10.1.'))
    const another = await socket('10.1.0.2')
    await left.send(numbered(1), right.local)
    await another.send(numbered(2), right.local)
    await another.send(numbered(3), left.local)
    expect(network.counters).toMatchObject({ deliveredPackets: 1, dropped: { partition: 2 } })
    network.heal()
    await left.send(numbered(4), right.local)
    expect(network.counters.deliveredPackets).toBe(2)
  })

  it('lets packets arrive that were under way', async () => {
    const { clock, network, socket } = createBench({ latencyMs: 20 })
    const [left, right] = [await socket('10.1.0.1'), await socket('10.2.0.1')]
    await left.send(numbered(1), right.local)
    network.partition((ip) => ip)
    await clock.advance(20)
    expect(network.counters.deliveredPackets).toBe(1)
  })
})
