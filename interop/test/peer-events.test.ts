import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEthwire } from '../src/ethwire-process.ts'
import { startGeth } from '../src/geth.ts'
import { sampleChain } from '../src/paths.ts'
import { type PeerEvent, type PeerEventWatch, watchPeerEvents } from '../src/peer-events.ts'
import { freePorts, temporaryDirectory } from '../src/resources.ts'

const { genesis, networkId } = sampleChain

/** geth has no flag for it. */
function configWithMessageEvents(): string {
  const file = join(temporaryDirectory('config'), 'geth.toml')
  writeFileSync(file, '[Node.P2P]\nEnableMsgEvents = true\n')
  return file
}

const isType =
  (type: PeerEvent['type']) =>
  (event: PeerEvent): boolean =>
    event.type === type
const messages = (watch: PeerEventWatch, type: 'msgsend' | 'msgrecv'): unknown[] =>
  watch
    .events()
    .filter(isType(type))
    .map(({ protocol, msg_code, msg_size }) => [protocol, msg_code, msg_size])

test("geth's own client subscribes to our peer events over WebSockets and IPC, and they mirror geth's", async () => {
  const [gethPort, ourPort] = await freePorts(2)
  const ws = (port: number | undefined): string[] => [
    '--ws',
    '--ws.addr',
    '127.0.0.1',
    '--ws.port',
    `${port}`,
    '--ws.api',
    'admin',
  ]
  await using geth = await startGeth({
    genesis,
    networkId,
    args: [...ws(gethPort), '--config', configWithMessageEvents()],
  })
  await using node = await startEthwire({ genesis, networkId, args: [...ws(ourPort), '--msgevents'] })
  await using atGeth = await watchPeerEvents(`ws://127.0.0.1:${gethPort}`)
  await using overWs = await watchPeerEvents(`ws://127.0.0.1:${ourPort}`)
  await using overIpc = await watchPeerEvents(join(node.datadir, 'ethwire.ipc'))

  await node.rpc('admin_addPeer', geth.enode)
  const added = await overWs.seen('add', isType('add'))
  const gethAdded = await atGeth.seen('add', isType('add'))
  expect(added).toEqual({ type: 'add', peer: geth.id, local: gethAdded.remote, remote: gethAdded.local })
  expect(gethAdded).toEqual({ type: 'add', peer: node.id, local: added.remote, remote: added.local })
  expect(overWs.events()[0]).toEqual(added)
  await overWs.seen('a message from geth', isType('msgrecv'))
  await atGeth.seen('a message from us', isType('msgrecv'))

  await node.rpc('admin_removePeer', geth.enode)
  const dropped = await overWs.seen('drop', isType('drop'))
  const gethDropped = await atGeth.seen('drop', isType('drop'))
  expect(dropped).toEqual({ ...added, type: 'drop', error: 'disconnect requested' })
  expect(gethDropped).toEqual({ ...gethAdded, type: 'drop', error: 'disconnect requested' })
  await overIpc.seen('drop', isType('drop'))
  expect(overIpc.events()).toEqual(overWs.events())

  // What one side has sent, the other has received: the same protocol, code and size, in the same order.
  expect(messages(overWs, 'msgrecv')).toEqual(messages(atGeth, 'msgsend'))
  expect(messages(atGeth, 'msgrecv')).toEqual(messages(overWs, 'msgsend'))
  expect(messages(overWs, 'msgsend')[0]).toEqual(['eth', 0, expect.any(Number)])

  for (const watch of [atGeth, overWs, overIpc]) await watch.stop()
  await node.stop()
})
