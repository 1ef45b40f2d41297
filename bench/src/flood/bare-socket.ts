// What a process costs that binds a UDP socket and does nothing with what comes: less than that nobody can use in Node.
import { createSocket } from 'node:dgram'

const socket = createSocket({ type: 'udp4', recvBufferSize: 2 * 1024 * 1024 })
socket.on('message', () => undefined)
socket.bind(0, '127.0.0.1', () => process.send?.({ type: 'bare:bound', port: socket.address().port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ type: 'bare:used', cpuMs: (user + system) / 1000 })
})
process.on('disconnect', () => process.exit())
