import type { Crypto } from '@ethwire/crypto'
import {
  decodeRecord,
  formatEnode,
  maxRecordBytes,
  type NodeAddress,
  nodeFromEnode,
  nodeFromRecord,
  parseEnode,
} from '@ethwire/enr'
import { bytes, decode, encode, optionalBytes, struct, u16, utf8 } from '@ethwire/rlp-codec'

/**
 * How a node is written: one byte for the form, then an RLP list of its public key (none where the record has it), host,
 * ports and record (none for a node that is known by its enode URL only, as nodes of discovery v4 may be).
 */
const form = 1
const maxHostBytes = 253
const nodeSchema = struct({
  publicKey: optionalBytes(64),
  host: utf8(maxHostBytes),
  tcpPort: u16,
  udpPort: u16,
  record: bytes(maxRecordBytes),
})

export function encodeNode(node: NodeAddress): Uint8Array {
  const { record, publicKey, host = '', tcpPort, udpPort } = node
  const list = encode(nodeSchema, {
    publicKey: record === undefined ? publicKey : undefined,
    ...{ host, tcpPort, udpPort },
    record: record?.bytes ?? new Uint8Array(0),
  })
  const value = new Uint8Array(1 + list.length)
  value[0] = form
  value.set(list, 1)
  return value
}

/**
 * Reads a node back, and trusts nothing: the record's signature, the point on the curve, the form of the host and that
 * the node has this ID are all checked.
 * @throws RlpError, EnrError, RangeError for anything that `encodeNode` has not written for this ID
 */
export function decodeNode(id: string, value: Uint8Array, crypto: Crypto): NodeAddress {
  if (value[0] !== form) throw new RangeError(`expected a node in the form ${form}, got ${value[0]}`)
  // A copy, and no Buffer, whose slices are views.
  const plain = new Uint8Array(value)
  const { publicKey, host, tcpPort, udpPort, record } = decode(nodeSchema, plain.subarray(1))
  const signed = record.length === 0 ? undefined : nodeFromRecord(decodeRecord(record, { crypto }))
  const key = signed?.publicKey ?? publicKey
  if (key === undefined) throw new RangeError('expected a public key or a record')
  // The same rules as for a URL from a user.
  const endpoint = host === '' ? { publicKey: key, tcpPort, udpPort } : { publicKey: key, host, tcpPort, udpPort }
  const named = nodeFromEnode(parseEnode(formatEnode(endpoint), { crypto }), { crypto })
  if (named.nodeIdHex !== id) throw new RangeError(`expected the node ${id}, got ${named.nodeIdHex}`)
  return signed === undefined ? named : withEndpoint(signed, named)
}

/** A node by its record that was reached elsewhere than its record says. */
function withEndpoint(signed: NodeAddress, reached: NodeAddress): NodeAddress {
  const { host, tcpPort, udpPort } = reached
  if (signed.host === host && signed.tcpPort === tcpPort && signed.udpPort === udpPort) return signed
  if (host === undefined) return signed
  const others = signed.endpoints.filter((endpoint) => endpoint.host !== host)
  return { ...signed, host, tcpPort, udpPort, endpoints: [{ host, tcpPort, udpPort }, ...others] }
}
