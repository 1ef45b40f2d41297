import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { dialHello } from '@ethwire/p2p-server'
import { expect, onTestFinished, test } from 'vitest'
import { startCliWithin } from './cli-process.ts'
import { crypto, sampleGenesis } from './support.ts'

test('case 54: a node that runs out of descriptors goes on, says little, and is there again when they are free', async () => {
  const node = startCliWithin(
    64,
    ...['run', '--genesis', sampleGenesis, '--datadir', 'memory', '--nodiscover'],
    ...['--addr', '127.0.0.1', '--port', '0', '--ipcdisable'],
  )
  await node.said('Started P2P networking')
  const [enode = '', port] = /enode:\/\/[0-9a-f]{128}@127\.0\.0\.1:(\d+)/.exec(node.output()) ?? []
  const said = node.output().length

  // bounded: those of the test
  const held = new Set<Socket>()
  onTestFinished(() => held.forEach((socket) => void socket.destroy()))
  const ends: Promise<unknown>[] = []
  for (let n = 0; n < 100; n++) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) })
    socket.on('error', () => undefined)
    held.add(socket)
    ends.push(once(socket, 'close').catch(() => undefined))
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
  }
  if (process.platform === 'linux') {
    const count = async (): Promise<number> => (await readdir(`/proc/${node.child.pid}/fd`)).length
    await expect.poll(count).toBeGreaterThanOrEqual(63)
  }
  // Its deadline for handshakes frees what it holds.
  for (const socket of held) socket.resume()
  await Promise.all(ends)

  const hello = await dialHello(enode, { crypto, signal: AbortSignal.timeout(10_000) })
  expect(hello.hello.clientId).toMatch(/^ethwire\//)
  expect(node.child.exitCode).toBeNull()
  expect(node.output().slice(said).split('\n').length).toBeLessThan(50)
}, 30_000)
