import { silentLogger } from '@ethwire/io'
import { expect, test } from 'vitest'
import { createP2pServer, type P2pServer } from '../src/index.ts'
import { echo, next } from './support.ts'
import { whispers } from './whispers.ts'

/** What keeps this process alive, by kind, the test runner's own pipes and ports aside. */
const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((kind) => !/Pipe|MessagePort|TTY|FSReq|Immediate/.test(kind))

/** What there is more of than before, once Node has freed what was closed, which takes some turns of its loop. */
async function moreThan(before: readonly string[]): Promise<string[]> {
  const more = (): string[] => {
    const known = [...before]
    return resources().filter((kind) => {
      const index = known.indexOf(kind)
      if (index >= 0) known.splice(index, 1)
      return index < 0
    })
  }
  for (let turn = 0; turn < 50 && more().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  return more()
}

const create = (n: number, discovery: ReturnType<typeof whispers>, port = 0): Promise<P2pServer> =>
  createP2pServer({
    ...{ privateKey: new Uint8Array(32).fill(n), clientId: `real/${n}`, logger: silentLogger },
    listen: { host: '127.0.0.1', port },
    protocols: [echo.run(() => undefined)],
    discovery: [discovery],
    dropper: true,
    bandwidth: { uploadBytesPerSecond: 1_000_000, peerDownloadBytesPerSecond: 1_000_000 },
  })

test('servers on real sockets find each other over UDP, leave nothing open, and start again on the same port', async () => {
  const before = resources()
  let port = 0
  for (let round = 0; round < 3; round++) {
    const a = await create(1, whispers(), port)
    const { listener, discovery } = a.nodeInfo().ports
    expect([discovery, a.localNode.address.udpPort]).toEqual([listener, listener])
    if (port !== 0) expect(listener).toBe(port)
    port = listener
    const b = await create(2, whispers({ bootnodes: [a.localNode.address] }))
    if (b.peers().length === 0) await next(b, 'peer:add')
    expect(b.peers()[0]?.id).toBe(a.localNode.nodeIdHex)
    await Promise.all([a.close(), b.close()])
    expect(await moreThan(before)).toEqual([])
  }
})

test('a server on real sockets that cannot start leaves nothing open', async () => {
  const before = resources()
  const failing = Object.defineProperty(() => Promise.reject(new Error('out of luck')), 'name', { value: 'discv9' })
  const starting = createP2pServer({
    ...{ privateKey: new Uint8Array(32).fill(3), clientId: 'real/3', protocols: [] },
    listen: { host: '127.0.0.1', port: 0 },
    discovery: [whispers(), failing],
  })
  await expect(starting).rejects.toThrow("can't start discv9: out of luck")
  expect(await moreThan(before)).toEqual([])
})
