import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, parseNode } from '@ethwire/enr'
import type { NodeInput } from './options.ts'

/** A node from what a user gives for one. @throws EnrError when a text can't be read */
export function readNode(node: NodeInput, crypto: Crypto): NodeAddress {
  return typeof node === 'string' ? parseNode(node, { crypto }) : node
}
