// A listener and a stream: the machine as the packages see it.
import { dialTcp, listenTcp } from '@ethwire/io/node'

const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
const stream = await dialTcp(listener.local)
await stream.write(new TextEncoder().encode('hello'))
await stream.end()

for await (const accepted of listener) {
  for await (const chunk of accepted) console.log(new TextDecoder().decode(chunk), 'from', accepted.remote.ip)
  await accepted.end()
  break
}
await listener.close()
