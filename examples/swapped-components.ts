// A server with other components than its own: native crypto, nodes remembered on a disk, dials through a SOCKS5 proxy.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativeCrypto } from '@ethwire/crypto-native'
import { createNodeDatabase } from '@ethwire/nodedb'
import { createP2pServer } from '@ethwire/p2p-server'
import { defineProtocol } from '@ethwire/protocol'
import { utf8 } from '@ethwire/rlp-codec'
import { ClassicLevel } from 'classic-level'
import { startProxy } from './socks5/proxy.ts'
import { viaSocks5 } from './socks5/via-socks5.ts'

const chat = defineProtocol({
  name: 'chat',
  version: 1,
  messages: { say: { text: utf8(280) } },
  limits: { maxMessageBytes: 1024 },
})
const heard = Promise.withResolvers<string>()
const other = await createP2pServer({
  ...{ privateKey: randomBytes(32), clientId: 'other/1.0', listen: { host: '127.0.0.1', port: 0 } },
  protocols: [chat.run((peer) => peer.on('say', ({ text }) => heard.resolve(text)))],
})

const proxy = await startProxy()
const folder = await mkdtemp(join(tmpdir(), 'ethwire-'))
const nodes = new ClassicLevel(join(folder, 'nodes'))
const server = await createP2pServer({
  ...{ privateKey: randomBytes(32), clientId: 'swapped/1.0', staticNodes: [other.localNode.enode] },
  protocols: [chat.run((peer) => peer.say({ text: 'hello' }))],
  crypto: nativeCrypto,
  nodeDatabase: createNodeDatabase(nodes),
  dial: viaSocks5(proxy),
})
console.log(await heard.promise, 'through', proxy.connections, 'connection of the proxy')
await Promise.all([server.close(), other.close()])
proxy.close()
await rm(folder, { recursive: true })
