import { pureCrypto } from '@ethwire/crypto'
import { ipEntry, type NodeAddress, nodeFromEnode, nodeFromRecord, signRecord, tcpEntry, udpEntry } from '@ethwire/enr'
import type { NodeDatabase } from '../src/index.ts'

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

/** As discovery does at a first pong. */
export function answered(nodes: NodeDatabase, node: NodeAddress, atMs: number): void {
  nodes.setLastPong(node.nodeIdHex, node.host as string, atMs)
  nodes.putNode(node)
}
