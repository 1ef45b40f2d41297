// A listener, a stream, a clock: the machine as the packages see it.
import { dialTcp, listenTcp, nodeClock } from '@ethwire/io/node'

const listener = await listenTcp({ ip: '127.0.0.1', port: 0 })
const start = nodeClock.monotonicMs()
const client = await dialTcp(listener.local)
await client.write(new TextEncoder().encode('hello'))
await client.end()

for await (const stream of listener) {
  for await (const chunk of stream) console.log(new TextDecoder().decode(chunk), 'from', stream.remote.ip)
  stream.abort()
  break
}
client.abort()
await listener.close()
console.log(nodeClock.monotonicMs() - start < 10_000 ? 'in time' : 'late')
