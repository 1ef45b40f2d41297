import { formatEnode, type NodeAddress } from '@ethwire/enr'
import { seqJson } from '../json-text.ts'

/** A node as the tools print it with `--json`. */
export interface NodeJson {
  readonly id: string
  readonly enode: string
  readonly enr?: string
  readonly seq?: number | string
  readonly ip?: string
  readonly udp: number
  readonly tcp: number
}

export function nodeJson(node: NodeAddress): NodeJson {
  const { nodeIdHex, host, udpPort, tcpPort, record } = node
  return {
    ...{ id: nodeIdHex, enode: formatEnode(node) },
    ...(record === undefined ? {} : { enr: record.text, seq: seqJson(record.seq) }),
    ...(host === undefined ? {} : { ip: host }),
    ...{ udp: udpPort, tcp: tcpPort },
  }
}

/** A node in one line, as geth prints it: its record, or its URL where there is none. */
export function nodeText(node: NodeAddress): string {
  return node.record?.text ?? formatEnode(node)
}
