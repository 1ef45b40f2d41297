import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { v4benchPath } from './go.ts'
import type { Contender } from './measure.ts'

/** What v4bench is to measure; its `main.go` says more. */
export interface GethPacketRequest {
  readonly bench: 'decode' | 'encode'
  readonly packet: 'ping' | 'neighbors'
}

/** A running v4bench. */
export interface GethPackets extends Disposable {
  contender(request: GethPacketRequest): Contender
  /** The packet that is measured, as geth signs it. */
  packet(name: GethPacketRequest['packet']): Promise<Uint8Array>
}

/** Starts the program that measures geth's `p2p/discover/v4wire`. */
export function startGethPackets(privateKey: Uint8Array): GethPackets {
  const child = spawn(v4benchPath, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const key = Buffer.from(privateKey).toString('hex')
  const ask = async (request: object): Promise<{ perSecond: number; bytes?: string }> => {
    child.stdin.write(`${JSON.stringify({ ...request, key })}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('v4bench ended')
    return JSON.parse(value) as { perSecond: number; bytes?: string }
  }
  return {
    contender: (request) => ({ rate: async (durationMs) => (await ask({ ...request, ms: durationMs })).perSecond }),
    packet: async (packet) => Uint8Array.from(Buffer.from((await ask({ packet, ms: 0 })).bytes ?? '', 'hex')),
    [Symbol.dispose]: () => child.stdin.end(),
  }
}
