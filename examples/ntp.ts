// A time server of our own, on loopback and an hour slow, and what the drift check makes of it.
import { bindDatagram, nodeClock } from '@ethwire/io/node'
import { createDriftCheck, decodeSntpPacket, encodeSntpPacket, measureDrift, ntpFromUnixMs } from '@ethwire/ntp'

const server = await bindDatagram({ ip: '127.0.0.1', port: 0 })
const serving = (async () => {
  for await (const { bytes, from } of server) {
    const question = decodeSntpPacket(bytes)
    if (question === undefined) continue
    const time = ntpFromUnixMs(nodeClock.now() - 3_600_000)
    const times = { originTime: question.transmitTime, receiveTime: time, transmitTime: time }
    await server.send(encodeSntpPacket({ ...question, ...times, mode: 4, stratum: 1 }), from)
  }
})()

const { ip, port } = server.local
const measured = Promise.withResolvers<void>()
const check = createDriftCheck({
  measure: ({ signal }) => measureDrift({ host: ip, port, intervalMs: 0, signal }).finally(measured.resolve),
})
for (let request = 0; request < 33; request++) check.timedOut() // nobody answers
await measured.promise
await check.close()
if (check.state.kind === 'measured') {
  console.log(
    `our clock is ${Math.round(check.state.driftMs / 1000)} s ahead`,
    check.state.isOff ? 'and off' : 'and right',
  )
}

await server.close()
await serving
