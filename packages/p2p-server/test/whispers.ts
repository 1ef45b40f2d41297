import { type NodeAddress, parseNode } from '@ethwire/enr'
import { createAsyncQueue } from '@ethwire/io'
import type { Discovery, DiscoveryContext, DiscoveryFactory } from '../src/index.ts'

/** A discovery protocol for tests, and what was done with it. */
export interface Whispers extends DiscoveryFactory {
  /** The context of each start. */
  readonly contexts: DiscoveryContext[]
  /** Texts that came in, with this protocol's mark. */
  readonly heard: string[]
  readonly closes: number
}

export interface WhispersOptions {
  readonly name?: string
  /** The first byte of its packets. */
  readonly mark?: number
  readonly bootnodes?: readonly NodeAddress[]
  readonly resolve?: (node: NodeAddress) => Promise<NodeAddress | undefined>
  readonly close?: () => Promise<void>
}

/**
 * The smallest discovery there is: a node sends its record to the bootnodes and gets the records of all whom they know;
 * whoever is new to a bootnode is told to the others as well.
 */
export function whispers(options: WhispersOptions = {}): Whispers {
  const { name = 'whispers', mark = 1, bootnodes = [] } = options
  const contexts: DiscoveryContext[] = []
  const heard: string[] = []
  let closes = 0

  const start = async (context: DiscoveryContext): Promise<Discovery> => {
    contexts.push(context)
    const { socket, localNode, crypto } = context
    const found = createAsyncQueue<NodeAddress>({ maxItems: 1_000 })
    const known = new Map<string, NodeAddress>()
    const send = (text: string, node: NodeAddress): void => {
      const { host: ip = '', udpPort: port } = node
      const bytes = Uint8Array.of(mark, ...new TextEncoder().encode(text))
      socket.send(bytes, { ip, port }).catch(() => undefined)
    }
    const meet = (text: string): void => {
      const node = parseNode(text, { crypto })
      if (known.has(node.nodeIdHex) || node.nodeIdHex === localNode.nodeIdHex) return
      for (const other of known.values()) {
        send(text, other)
        send(other.record?.text ?? '', node)
      }
      known.set(node.nodeIdHex, node)
      found.push(node)
      send(localNode.record.text, node)
    }
    const read = async (): Promise<void> => {
      for await (const datagram of socket) {
        if (datagram.bytes[0] !== mark) {
          context.unhandled(datagram)
          continue
        }
        const text = new TextDecoder().decode(datagram.bytes.subarray(1))
        heard.push(text)
        if (text.startsWith('enr:')) meet(text)
      }
    }
    read().catch(() => undefined)
    for (const node of bootnodes) send(localNode.record.text, node)
    return {
      nodes: () => found,
      ...(options.resolve !== undefined && { resolve: options.resolve }),
      async close() {
        closes++
        found.end()
        await options.close?.()
      },
    }
  }
  return Object.defineProperties(start, {
    name: { value: name },
    contexts: { value: contexts },
    heard: { value: heard },
    closes: { get: () => closes },
  }) as Whispers
}
