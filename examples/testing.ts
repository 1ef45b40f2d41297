// Ten virtual minutes without waiting, and a network without sockets.
import { createMemoryNetwork, createVirtualClock } from '@ethwire/testing'

const clock = createVirtualClock()
clock.setTimer(600_000, () => console.log('ten minutes later, at once'))
await clock.advance(600_000)

const network = createMemoryNetwork({ segmentBytes: 1 }) // every read gives one byte
const listener = await network.listen({ ip: '127.0.0.1', port: 30303 })
const stream = await network.dial(listener.local)
await stream.write(new TextEncoder().encode('hi'))
await stream.end()
for await (const accepted of listener) {
  for await (const chunk of accepted) console.log(new TextDecoder().decode(chunk))
  break
}
await listener.close()
