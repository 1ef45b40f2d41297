import type { Crypto } from '@ethwire/crypto'
import { type NodeAddress, parseNode } from '@ethwire/enr'
import { NodeError, reasonOf } from './errors.ts'

/** A node as the user gives it to `name`, a flag or an argument. @throws NodeError `NODE_USAGE` with that name */
export function parseNodeArgument(text: string, name: string, crypto: Crypto): NodeAddress {
  try {
    return parseNode(text, { crypto })
  } catch (error) {
    throw new NodeError('NODE_USAGE', `${name}: ${reasonOf(error)}: ${text.slice(0, 200)}`, { cause: error })
  }
}
