import { describe, expect, test } from 'vitest'
import { type CliProcess, runCli, startCli, startCliWith } from './cli-process.ts'
import { openWebSocket, rpcResult as result, upgradeStatus } from './rpc-support.ts'
import { sampleGenesis } from './support.ts'

const quiet = ['run', '--genesis', sampleGenesis, '--datadir', 'memory', '--addr', '127.0.0.1', '--port', '0']

/** The last field of this name in the line of this message. */
function logged(node: CliProcess, message: string, name: string): string {
  const line =
    node
      .output()
      .split('\n')
      .find((one) => one.includes(`"${message}"`)) ?? ''
  return (JSON.parse(line) as Record<string, string>)[name] ?? ''
}

async function enodeOf(node: CliProcess): Promise<string> {
  await node.said('Started P2P networking')
  return logged(node, 'Started P2P networking', 'enode')
}

describe('a running node', () => {
  test('tells over a WebSocket who comes and goes, and whom it trusts', async () => {
    const ws = ['--ws', '--ws.port', '0', '--ws.api', 'admin', '--ws.origins', 'https://app.example', '--msgevents']
    const node = startCli(...quiet, ...ws, '--maxpendpeers', '7')
    const enode = await enodeOf(node)
    await node.said('WebSocket enabled')
    const url = logged(node, 'WebSocket enabled', 'url')
    const client = await openWebSocket(url)
    const { result: subscription } = (await client.call('admin_subscribe', ['peerEvents'])) as { result: string }

    const other = startCli(...quiet, '--staticnodes', enode)
    const id = /enode:\/\/([0-9a-f]{128})@/.exec(await enodeOf(other))?.[1]
    const events: Record<string, unknown>[] = []
    const nextEvent = async (): Promise<Record<string, unknown>> => {
      const message = (await client.message()) as { method: string; params: Record<string, unknown> }
      expect(message).toMatchObject({ method: 'admin_subscription', params: { subscription } })
      return message.params.result as Record<string, unknown>
    }
    events.push(await nextEvent())
    const [added] = events
    expect(added).toEqual({
      ...{ type: 'add', peer: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ...{ local: expect.stringMatching(/^127\.0\.0\.1:\d+$/), remote: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    })
    // Each tells the other its status, message 0.
    while (!['msgsend', 'msgrecv'].every((type) => events.some((event) => event.type === type))) {
      events.push(await nextEvent())
    }
    for (const event of events.slice(1)) {
      expect(event).toMatchObject({ peer: added?.peer, protocol: 'eth', msg_code: expect.any(Number) })
    }

    const second = await openWebSocket(url)
    const peerOf = async (): Promise<unknown> => ((await second.call('admin_peers')) as { result: unknown[] }).result[0]
    expect(await peerOf()).toMatchObject({ id: added?.peer, network: { inbound: true, trusted: false, static: false } })
    const node2 = `enode://${id}@127.0.0.1:30303`
    expect(await second.call('admin_addTrustedPeer', [node2])).toEqual(result(true))
    expect(await peerOf()).toMatchObject({ network: { trusted: true, static: false } })
    expect(await second.call('admin_removeTrustedPeer', [node2])).toEqual(result(true))
    expect(await peerOf()).toMatchObject({ network: { trusted: false } })

    other.child.kill('SIGTERM')
    let last = await nextEvent()
    while (last.type !== 'drop') last = await nextEvent()
    expect(last).toMatchObject({ peer: added?.peer, error: 'client quitting' })
    expect(await client.call('admin_unsubscribe', [subscription])).toEqual(result(true))

    expect(await upgradeStatus(url, 'https://app.example')).toBe(101)
    expect(await upgradeStatus(url, 'http://localhost')).toBe(403)
    expect(await upgradeStatus(url.replace('ws:', 'http:').replace('http:', 'ws:'))).toBe(101)
    node.child.kill('SIGTERM')
    expect(await client.closed).toBe(1001)
    expect((await node.ended).code).toBe(0)
  })

  test('has HTTP and WebSockets on one port when they are given the same', async () => {
    // A port that was free a moment ago: two servers on it would not start.
    const probe = startCli(...quiet, '--ws', '--ws.port', '0')
    await probe.said('WebSocket enabled')
    const port = new URL(logged(probe, 'WebSocket enabled', 'url')).port
    probe.child.kill('SIGTERM')
    await probe.ended
    const node = startCli(...quiet, '--http', '--http.port', port, '--ws', '--ws.port', port)
    await node.said('WebSocket enabled')
    expect(logged(node, 'HTTP server started', 'url')).toBe(`http://127.0.0.1:${port}`)
    const client = await openWebSocket(logged(node, 'WebSocket enabled', 'url'))
    expect(await client.call('net_version')).toEqual(result('1337702'))
    const taken = await runCli(...quiet, '--ws', '--ws.port', port)
    expect(taken).toMatchObject({ code: 1, output: expect.stringContaining('choose another --ws.port') })
  })

  test('trusts nodes that it is started with, and refuses what is none', async () => {
    const wrong = await runCli(...quiet, '--trustednodes', 'enode://12@1.2.3.4:5')
    expect(wrong).toMatchObject({ code: 2, output: expect.stringContaining('--trustednodes') })
    const other = startCli(...quiet)
    const enode = await enodeOf(other)
    const node = startCli(
      ...quiet,
      '--staticnodes',
      enode,
      '--trustednodes',
      enode,
      '--ws',
      '--ws.port',
      '0',
      '--ws.api',
      'admin',
    )
    await node.said('WebSocket enabled')
    const client = await openWebSocket(logged(node, 'WebSocket enabled', 'url'))
    const peers = async (): Promise<unknown> => ((await client.call('admin_peers')) as { result: unknown }).result
    await expect.poll(peers, { timeout: 20_000 }).toMatchObject([{ network: { trusted: true, static: true } }])
  })
})

describe('the log of a running node', () => {
  test("names geth's flags that it ignores, once, and what is missing for discovery v5", async () => {
    const node = startCli(...quiet, '--syncmode', 'snap', '--cache=4096', '--discovery.v5')
    await node.said('Started P2P networking')
    node.child.kill('SIGTERM')
    const lines = (await node.ended).output.split('\n')
    const ignored = lines.filter((line) => line.includes('mean nothing here'))
    expect(ignored).toHaveLength(1)
    expect(JSON.parse(ignored[0] ?? '')).toMatchObject({ flags: '--cache --syncmode' })
    expect(lines.filter((line) => line.includes('discoveryV5') && line.includes('discv5'))).toHaveLength(1)
  })

  test('has the debug lines of the parts that DEBUG names', async () => {
    const other = startCli(...quiet)
    const enode = await enodeOf(other)
    const node = startCliWith({ DEBUG: 'ethwire:p2p' }, ...quiet, '--staticnodes', enode)
    await node.said('Adding p2p peer')
    other.child.kill('SIGTERM')
    await node.said('Removing p2p peer')
    const line =
      node
        .output()
        .split('\n')
        .find((one) => one.includes('Removing p2p peer')) ?? ''
    expect(JSON.parse(line)).toMatchObject({
      ...{ ns: 'ethwire:p2p', id: expect.any(String), err: expect.stringContaining('client quitting') },
    })
    expect(node.output()).not.toContain('Dialling a node')
  })
})

test('a caller that takes no answers does not keep peers waiting for the goodbye, nor the node from its end', async () => {
  const node = startCli(...quiet, '--ws', '--ws.port', '0', '--ws.api', 'eth')
  const other = startCli(...quiet, '--staticnodes', await enodeOf(node), '--verbosity', '4')
  await node.said('WebSocket enabled')
  const { socket } = await openWebSocket(logged(node, 'WebSocket enabled', 'url'))
  socket.pause()
  await other.said('Adding p2p peer')
  node.child.kill('SIGTERM')
  await other.said('client quitting')
  expect(await node.ended).toMatchObject({ code: 0 })
})

test('a node whose log nobody reads any more goes on', async () => {
  const node = startCli(...quiet, '--ws', '--ws.port', '0', '--ws.api', 'eth')
  await node.said('WebSocket enabled')
  const url = logged(node, 'WebSocket enabled', 'url')
  node.child.stderr?.destroy()
  // It has something to say of this.
  expect(await upgradeStatus(url, 'https://evil.example')).toBe(403)
  expect(await upgradeStatus(url, 'https://evil.example')).toBe(403)
  const client = await openWebSocket(url)
  expect(await client.call('eth_chainId')).toHaveProperty('result')
  node.child.kill('SIGTERM')
  expect(await node.ended).toMatchObject({ code: 0 })
})
