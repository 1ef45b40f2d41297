import { createServer } from 'node:net'
import { silentLogger } from '@ethwire/io'
import { expect, test } from 'vitest'
import { createP2pServer } from '../src/index.ts'
import { echo, next } from './support.ts'
import { whispers } from './whispers.ts'

const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => /TCP|UDP/.test(kind)).length

test('servers on real sockets find each other over UDP and leave nothing open', async () => {
  const before = openSockets()
  const create = (n: number, discovery: ReturnType<typeof whispers>) =>
    createP2pServer({
      ...{ privateKey: new Uint8Array(32).fill(n), clientId: `real/${n}`, logger: silentLogger },
      listen: { host: '127.0.0.1', port: 0 },
      protocols: [echo.run(() => undefined)],
      discovery: [discovery],
    })
  const a = await create(1, whispers())
  const { listener, discovery } = a.nodeInfo().ports
  expect([discovery, a.localNode.address.udpPort]).toEqual([listener, listener])
  const b = await create(2, whispers({ bootnodes: [a.localNode.address] }))
  if (b.peers().length === 0) await next(b, 'peer:add')
  expect(b.peers()[0]?.id).toBe(a.localNode.nodeIdHex)
  await Promise.all([a.close(), b.close()])
  expect(openSockets()).toBe(before)
  // The port is free again.
  await new Promise<void>((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(listener, '127.0.0.1', () => probe.close(() => resolve()))
  })
})
