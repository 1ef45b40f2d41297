import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, parseNode } from '@ethwire/enr'
import type { NodeInput } from './options.ts'

/** A node from what a user gives for one. @throws EnrError when a text can't be read */
export function readNode(node: NodeInput, crypto: Crypto): NodeAddress {
  return typeof node === 'string' ? parseNode(node, { crypto }) : node
}

/** The nodes of an option. @throws TypeError that names the one that is none; `cause` is why its text can't be read */
export function readNodes(option: string, nodes: readonly NodeInput[] = [], crypto: Crypto): NodeAddress[] {
  return nodes.map((node, index) => {
    const expected = `${option}[${index}] must be an enode:// URL, an enr: text or a node`
    if (typeof node === 'object' && node !== null && Array.isArray(node.endpoints) && node.nodeIdHex !== undefined)
      return node
    if (typeof node !== 'string') throw new TypeError(`${expected}, got a value of type ${typeof node}`)
    try {
      return readNode(node, crypto)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new TypeError(`${expected}, got ${JSON.stringify(node.slice(0, 200))}: ${message}`, { cause })
    }
  })
}
