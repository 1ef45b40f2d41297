// A node with a protocol of its own, and who it says it is.
import { randomBytes } from 'node:crypto'
import { createP2pServer, dialHello } from '@ethwire/p2p-server'
import { defineProtocol } from '@ethwire/protocol'
import { utf8 } from '@ethwire/rlp-codec'

const chat = defineProtocol({
  name: 'chat',
  version: 1,
  messages: { say: { text: utf8(280) } },
  limits: { maxMessageBytes: 1024 },
})

const server = await createP2pServer({
  privateKey: randomBytes(32),
  clientId: 'chat/1.0',
  listen: { host: '127.0.0.1', port: 0 },
  protocols: [chat.run((peer) => peer.on('say', ({ text }) => console.log(text)))],
})

const { hello } = await dialHello(server.localNode.enode, { signal: AbortSignal.timeout(5000) })
console.log(hello.clientId, hello.capabilities)
await server.close()
