// Who is behind an enode URL? And a record of our own.

import { createLocalNode, parseNode, tcpEntry } from '@ethwire/enr'
import { nodeClock } from '@ethwire/io/node'

const local = await createLocalNode({ privateKey: new Uint8Array(32).fill(1), clock: nodeClock })
local.setStaticIp('127.0.0.1')
local.set(tcpEntry, 30303)

const node = parseNode(local.enode)
console.log(node.nodeIdHex, node.host, node.tcpPort)
console.log(parseNode(local.record.text).record?.get(tcpEntry))
