// Who is behind a node record, or an enode URL?
import { ipEntry, parseNode, parseRecord, udpEntry } from '@ethwire/enr'

const record = parseRecord(
  'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8',
)
console.log(record.nodeIdHex, record.get(ipEntry), record.get(udpEntry))

const node = parseNode(
  'enode://1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace24351232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439@10.0.0.1:30303?discport=30301',
)
console.log(node.nodeIdHex, node.host, node.tcpPort, node.udpPort)
