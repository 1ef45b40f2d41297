import type { NodeAddress } from '@ethwire/enr'
import type { LogFields, Logger, Metrics } from '@ethwire/io'
import { createSeededRandom, createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { MemoryLevel } from 'memory-level'
import { createNodeDatabase, type NodeDatabase, type NodeDatabaseOptions, type NodeStore } from '../src/index.ts'
import { ipOf } from './nodes.ts'

/** Of the beginning of the tests' time. */
export const startMs: number = Date.UTC(2026, 10, 25)
export const day: number = 24 * 3_600_000

export function testClock(): VirtualClock {
  return createVirtualClock({ startMs })
}

/** An ID for tests in which nobody reads the node. */
export function fakeNode(index: number, ip: string = ipOf(index)): NodeAddress {
  const nodeId = createSeededRandom(index).bytes(32)
  const nodeIdHex = Buffer.from(nodeId).toString('hex')
  const endpoint = { host: ip, tcpPort: 30303, udpPort: 30303 }
  return { publicKey: new Uint8Array(64).fill(1), nodeId, nodeIdHex, endpoints: [endpoint], ...endpoint }
}

export interface KeptLines extends Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[]
  count(level: string): number
}

export function keepingLogger(): KeptLines {
  const lines: KeptLines['lines'] = []
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      void lines.push({ level, message, fields })
  return {
    lines,
    count: (level) => lines.filter((line) => line.level === level).length,
    ...{ trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  }
}

export function keepingMetrics(): Metrics & { readonly values: Map<string, number> } {
  const values = new Map<string, number>()
  return {
    values,
    counter: (name) => ({ add: (amount = 1) => void values.set(name, (values.get(name) ?? 0) + amount) }),
    gauge: (name) => ({ set: (value) => void values.set(name, value) }),
    histogram: () => ({ observe: () => undefined }),
  }
}

export type TestLevel = MemoryLevel<Uint8Array, Uint8Array>

export function memoryLevel(): TestLevel {
  return new MemoryLevel({ keyEncoding: 'view', valueEncoding: 'view', storeEncoding: 'view' })
}

/** The same content after a restart: closing a MemoryLevel and opening it again keeps it. */
export function openTest(store: NodeStore | undefined, options: NodeDatabaseOptions = {}): Promise<NodeDatabase> {
  return createNodeDatabase(store, { clock: testClock(), random: createSeededRandom(1), ...options })
}
