import { pureCrypto } from '@ethwire/crypto'
import { ipEntry, type NodeAddress, nodeFromEnode, nodeFromRecord, signRecord, tcpEntry, udpEntry } from '@ethwire/enr'
import type { LogFields, Logger, Metrics } from '@ethwire/io'
import { createSeededRandom, createVirtualClock, type VirtualClock } from '@ethwire/testing'
import { MemoryLevel } from 'memory-level'
import { createNodeDatabase, type NodeDatabase, type NodeDatabaseOptions, type NodeStore } from '../src/index.ts'

/** Of the beginning of the tests' time. */
export const startMs: number = Date.UTC(2026, 10, 25)
export const day: number = 24 * 3_600_000

export function testClock(): VirtualClock {
  return createVirtualClock({ startMs })
}

/** Keys are deterministic, so that a failure is one each time. */
export function privateKeyOf(index: number): Uint8Array {
  const key = new Uint8Array(32).fill(1)
  new DataView(key.buffer).setUint32(28, index + 1)
  return key
}

/** Known by its record. */
export function recordNode(index: number, ip: string = ipOf(index), seq = 1n): NodeAddress {
  const entries = [ipEntry.of(ip), tcpEntry.of(30303), udpEntry.of(30303)]
  return nodeFromRecord(signRecord({ seq, entries, privateKey: privateKeyOf(index), crypto: pureCrypto }))
}

/** Known by its enode URL, as nodes of discovery v4 without EIP-868. */
export function enodeNode(index: number, ip: string = ipOf(index)): NodeAddress {
  const publicKey = pureCrypto.publicKey(privateKeyOf(index))
  return nodeFromEnode({ publicKey, host: ip, tcpPort: 30303, udpPort: 30301 })
}

/** Each in a subnet of its own. */
export function ipOf(index: number): string {
  return `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.7`
}

/** An ID for tests in which nobody reads the node. */
export function fakeNode(index: number, ip: string = ipOf(index)): NodeAddress {
  const nodeId = createSeededRandom(index).bytes(32)
  const nodeIdHex = Buffer.from(nodeId).toString('hex')
  const endpoint = { host: ip, tcpPort: 30303, udpPort: 30303 }
  return { publicKey: new Uint8Array(64).fill(1), nodeId, nodeIdHex, endpoints: [endpoint], ...endpoint }
}

/** As discovery does at a first pong. */
export function answered(nodes: NodeDatabase, node: NodeAddress, atMs: number): void {
  nodes.setLastPong(node.nodeIdHex, node.host as string, atMs)
  nodes.putNode(node)
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
