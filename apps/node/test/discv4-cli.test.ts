import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDiscv4, type Discv4 } from '@ethwire/discv4'
import { createLocalNode, parseNode } from '@ethwire/enr'
import { bindDatagram, nodeClock, nodeRandom } from '@ethwire/io/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lookup, ping } from '../src/discv4/ask.ts'
import { crawl } from '../src/discv4/crawl.ts'
import { listen } from '../src/discv4/listen.ts'
import { locatedNode } from '../src/discv4/located-node.ts'
import { formatNodeSet, parseNodeSet } from '../src/node-set.ts'
import type { ExplainedNode } from '../src/rpc/discv4.ts'
import { connectIpc } from '../src/rpc/ipc-client.ts'
import { runCli, startCli } from './cli-process.ts'
import { known, nodeOf } from './crawler-support.ts'
import { crypto, sampleGenesis, temporaryDirectory } from './support.ts'

const here = ['--addr', '127.0.0.1:0']

/** A node of discovery in this process. */
async function startNode(ip: string): Promise<Discv4> {
  const privateKey = nodeRandom.bytes(32)
  const localNode = await createLocalNode({ privateKey, clock: nodeClock, crypto })
  const socket = await bindDatagram({ ip, port: 0 })
  localNode.setFallbackIp(ip)
  localNode.setFallbackUdp(socket.local.port)
  const discovery = await createDiscv4({ privateKey, localNode, socket, crypto })
  onTestFinished(async () => {
    await discovery.close()
    await socket.close()
  })
  return discovery
}

/** What a tool printed, without its log lines. */
const printed = (output: string): string => output.replace(/^\{"level".*\n/gm, '')

test('mistakes are told in one line, before a packet is sent', async () => {
  const directory = await temporaryDirectory()
  const nonsense = join(directory, 'nonsense.json')
  await writeFile(nonsense, '{')
  const none = join(directory, 'none.json')
  const common = { addr: { ip: '127.0.0.1', port: 0 }, verbosity: 0 }
  const crawling = { ...common, parallel: 16, timeout: 1000 }
  for (const [step, code, said] of [
    [() => lookup(undefined, common), 'NODE_USAGE', 'a lookup needs nodes to begin with: --bootnodes enode://'],
    [() => lookup(undefined, { ...common, hoodi: true, bootnodes: [] }), 'NODE_USAGE', '--bootnodes and --hoodi are'],
    [() => crawl(none, crawling), 'NODE_USAGE', 'a crawl that knows no nodes yet needs nodes to begin with'],
    [() => crawl(none, { ...crawling, bootnodes: [] }), 'NODE_USAGE', 'no input nodes to start crawling'],
    [() => crawl(nonsense, crawling), 'NODE_FILE', `${nonsense}: not JSON`],
    [() => crawl('/nowhere/nodes.json', crawling), 'NODE_FILE', 'cannot write /nowhere/nodes.json'],
    [() => ping('enode://ab', common), 'NODE_USAGE', 'NODE: '],
    [() => listen({ ...common, bootnodes: ['enode://ab'] }), 'NODE_USAGE', '--bootnodes: '],
    [() => listen({ ...common, nodekey: '00'.repeat(32) }), 'NODE_USAGE', '--nodekey: expected a valid private key'],
  ] as const) {
    await expect(step()).rejects.toMatchObject({ code, message: expect.stringContaining(said) })
  }
})

test('a node that listens is pinged, gives its record, and ends cleanly', async () => {
  const node = await startNode('127.0.0.1')
  const listener = startCli('discv4', 'listen', ...here, '--rpc', '127.0.0.1:0', '--bootnodes', node.localNode.enode)
  await listener.said('Node discovery v4 started')
  await listener.said('enr:')
  const enr = /^enr:\S+$/m.exec(listener.output())?.[0] ?? ''

  const ping = await runCli('discv4', 'ping', ...here, enr)
  expect(ping).toMatchObject({ code: 0, output: expect.stringMatching(/^node responded to ping \(RTT [\d.]+ms\)\.$/m) })
  const asked = await runCli('discv4', 'requestenr', ...here, '--json', enr)
  const found = JSON.parse(printed(asked.output))
  expect(found).toMatchObject({ enr, ip: '127.0.0.1' })
  const decoded = await runCli('enr', 'decode', '--json', enr)
  expect(JSON.parse(decoded.output)).toMatchObject({ seq: found.seq, nodeId: found.id })

  const url = /"url":"([^"]+)"/.exec(listener.output())?.[1] ?? ''
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'discv4_self', params: [] })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(await response.json()).toMatchObject({ result: enr })

  listener.child.kill('SIGINT')
  expect((await listener.ended).code).toBe(0)
})

test('a node named by its host is looked up where it is to be asked', async () => {
  const { enode } = (await startNode('127.0.0.1')).localNode
  const named = enode.replace('@127.0.0.1', '@localhost')
  const { code, output } = await runCli('discv4', 'ping', ...here, named)
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('node responded to ping') })
  const node = parseNode(named)
  const signal = new AbortController().signal
  const at = async (ip: string | undefined, ...addresses: string[]): Promise<string | undefined> => {
    const resolver = { addresses: async () => addresses, texts: async () => [] }
    return (await locatedNode(node, { from: ip === undefined ? undefined : { ip, port: 0 }, resolver, signal })).host
  }
  expect(await at(undefined, '::1', '127.0.0.1')).toBe('127.0.0.1')
  expect(await at('::', '::1')).toBe('::1')
  expect(await at('::1', '127.0.0.1', '::1')).toBe('::1')
  const none = {
    code: 'NODE_DISCOVERY',
    message: 'the name localhost has no address that can be reached from 10.0.0.1',
  }
  await expect(at('10.0.0.1', '::1')).rejects.toMatchObject(none)
  const nowhere = { addresses: () => Promise.reject(new Error('cannot find "localhost"')), texts: async () => [] }
  const unknown = { code: 'NODE_DISCOVERY', message: 'cannot find "localhost"' }
  await expect(locatedNode(node, { from: undefined, resolver: nowhere, signal })).rejects.toMatchObject(unknown)
})

test('a second process on the same node database is told by which flag to choose another', async () => {
  const nodedb = join(await temporaryDirectory(), 'nodes')
  const first = startCli('discv4', 'listen', ...here, '--nodedb', nodedb)
  await first.said('Node discovery v4 started')
  await expect(listen({ addr: { ip: '127.0.0.1', port: 0 }, verbosity: 0, nodedb })).rejects.toMatchObject({
    code: 'NODE_STORE_LOCKED',
    message: `${nodedb} is in use by another process; stop it, or choose another --nodedb`,
  })
})

test('explain asks a running node, through its socket, what it has made of another', async () => {
  const other = await startNode('127.0.0.5')
  const { enode, nodeIdHex } = other.localNode
  const datadir = await temporaryDirectory()
  const where = ['--addr', '127.0.0.1', '--port', '0', '--datadir', datadir, '--genesis', sampleGenesis]
  const node = startCli('run', ...where, '--bootnodes', enode, '--netrestrict', '127.0.0.0/8')
  await node.said('IPC socket opened')
  {
    using client = await connectIpc(join(datadir, 'ethwire.ipc'), nodeClock)
    const place = async (): Promise<unknown> => ((await client.call('discv4_explain', [enode])) as ExplainedNode).place
    await expect.poll(place, { timeout: 20_000 }).toBe('bucket')
    const self = await client.call('discv4_self', [])
    expect(await client.call('discv4_explain', [self])).toMatchObject({ place: 'self', events: [] })
  }
  const text = await runCli('discv4', 'explain', '--datadir', datadir, nodeIdHex)
  expect(text.code).toBe(0)
  expect(text.output).toContain('127.0.0.5, within 24 h')
  expect(text.output).toMatch(/^\d{4}-\S+Z {2}added/m)
  const json = await runCli('discv4', 'explain', '--datadir', datadir, '--json', 'ab'.repeat(32))
  expect(JSON.parse(json.output)).toEqual({ id: 'ab'.repeat(32), place: 'absent', events: [] })
  const wrong = await runCli('discv4', 'explain', '--datadir', datadir, 'nobody')
  expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('invalid argument 0: expected a node ID') })
})

describe('a crawl', () => {
  test('writes what it found, does not ask again so soon, and prints its outcome as JSON', async () => {
    const file = join(await temporaryDirectory(), 'nodes.json')
    const nodes = [await startNode('127.0.0.2'), await startNode('127.0.0.3')]
    const enodes = nodes.map(({ localNode }) => localNode.enode).join()
    const flags = [...here, '--timeout', '1s', '--json', '--bootnodes', enodes]
    const first = await runCli('discv4', 'crawl', ...flags, file)
    expect(first.code).toBe(0)
    expect(JSON.parse(printed(first.output))).toMatchObject({ added: 2, nodes: 2, inputTotal: 2, stopped: false })
    const set = parseNodeSet(await readFile(file, 'utf8'), crypto)
    expect([...set.keys()]).toEqual(nodes.map(({ localNode }) => localNode.nodeIdHex).sort())
    expect([...set.values()]).toMatchObject([{ score: 1 }, { score: 1 }])
    const again = await runCli('discv4', 'crawl', ...flags, file)
    expect(JSON.parse(printed(again.output))).toMatchObject({ added: 0, updated: 0, nodes: 2 })
  })

  test('that is stopped by Ctrl-C loses nothing, and says that it can go on', async () => {
    const file = join(await temporaryDirectory(), 'nodes.json')
    // All at one address, which is asked once a second: there is time to stop it.
    const silent = Array.from({ length: 50 }, (_, number) => nodeOf(number, { ip: '127.0.0.9', udpPort: 30_000 }))
    await writeFile(file, formatNodeSet(new Map(silent.map((node) => known(node, { score: 1 })))))
    const crawler = startCli('discv4', 'crawl', ...here, file)
    await crawler.said('Crawling')
    crawler.child.kill('SIGINT')
    const { code, output } = await crawler.ended
    expect(code).toBe(130)
    expect(output).toContain('Crawl stopped; it can go on')
    const { size } = parseNodeSet(await readFile(file, 'utf8'), crypto)
    expect(size).toBeGreaterThanOrEqual(45)
  })

  test('writes to standard output where there is no file', async () => {
    const node = await startNode('127.0.0.4')
    const { output } = await runCli(
      'discv4',
      'crawl',
      ...here,
      '--timeout',
      '1s',
      '--bootnodes',
      node.localNode.enode,
      '-',
    )
    expect([...parseNodeSet(printed(output), crypto).keys()]).toEqual([node.localNode.nodeIdHex])
  })
})
