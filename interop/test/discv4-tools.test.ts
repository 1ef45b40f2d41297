import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { devp2p } from '../src/devp2p.ts'
import { startDevp2pListen } from '../src/devp2p-listen.ts'
import { ethwire, ethwireCommand } from '../src/ethwire-cli.ts'
import { freePorts, type RunningProcess, startProcess, temporaryDirectory } from '../src/resources.ts'
import { createRpc, type Json, type Rpc } from '../src/rpc.ts'
import { StopAsking, until } from '../src/until.ts'

/** A node of discovery alone, with its RPC. */
interface Listener extends AsyncDisposable {
  /** `enr:…` */
  readonly record: string
  readonly rpc: Rpc
}

async function listenByOurs(): Promise<Listener> {
  const flags = ['--addr', '127.0.0.1:0', '--rpc', '127.0.0.1:0', '--json']
  const process: RunningProcess = startProcess(...ethwireCommand('discv4', 'listen', ...flags))
  const said = async (pattern: RegExp): Promise<string | undefined> => {
    if (process.ended() !== undefined) throw new StopAsking(`it ended with ${process.ended()}\n${process.logs()}`)
    return pattern.exec(process.logs())?.[1]
  }
  const url = await until('it prints where its RPC is', () => said(/^ {2}"rpc": "(.+)"$/m), { timeoutMs: 30_000 })
  const record = (await said(/^ {2}"enr": "(.+)",$/m)) ?? ''
  return { record, rpc: createRpc(() => url), [Symbol.asyncDispose]: () => process.end('SIGINT', 5_000) }
}

async function listenByGeth(bootnode: string): Promise<Listener> {
  const { enode, rpc, ...geth } = await startDevp2pListen({ bootnodes: [bootnode] })
  // They print their record where one would expect a URL.
  return { record: enode, rpc, [Symbol.asyncDispose]: () => geth[Symbol.asyncDispose]() }
}

// Without bootnodes theirs would turn to those of mainnet.
const where = ['--addr', '127.0.0.1:0', '--bootnodes', '']

let ours: Listener
let geths: Listener

beforeAll(async () => {
  ours = await listenByOurs()
  geths = await listenByGeth(ours.record)
  return async () => {
    await ours[Symbol.asyncDispose]()
    await geths[Symbol.asyncDispose]()
  }
})

interface BucketNode {
  readonly node: string
  readonly addedToTable: string
  readonly addedToBucket: string
  readonly checks: number
  readonly live: boolean
}

const bucketsOf = async (rpc: Rpc): Promise<BucketNode[]> =>
  (await rpc<Json[]>('discv4_buckets')).flat() as unknown as BucketNode[]

test.each([
  ["ours with geth's node", ethwire, () => geths],
  ["geth's with our node", devp2p, () => ours],
] as const)('ping, requestenr and resolve: %s', async (_, tool, target) => {
  const { record } = target()
  const ping = await tool('discv4', 'ping', ...where, record)
  expect(ping).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^node responded to ping \(RTT [\d.]+[mµ]?s\)\.\n$/),
  })
  expect(await tool('discv4', 'requestenr', ...where, record)).toMatchObject({ code: 0, stdout: `${record}\n` })
  expect(await tool('discv4', 'resolve', ...where, record)).toMatchObject({ code: 0, stdout: `${record}\n` })
})

test.each([
  ['ours', ethwire],
  ["geth's", devp2p],
] as const)('%s says that nobody answers, with code 1', async (_, tool) => {
  const [free] = await freePorts(1)
  const nobody = `enode://${'1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace243'}${'51232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439'}@127.0.0.1:${free}`
  const ping = await tool('discv4', 'ping', ...where, nobody)
  expect(ping).toMatchObject({ code: 1, stdout: '' })
  expect(ping.stderr).toContain("node didn't respond: ")
  const record = await tool('discv4', 'requestenr', ...where, nobody)
  expect(record.stderr).toContain("can't retrieve record: ")
})

test('a node that listens is found through its bootnode, and its RPC tells of its table as geth does', async () => {
  const records = [ours.record, geths.record]
  for (const [at, { rpc }] of [ours, geths].entries()) {
    const other = records[1 - at]!
    expect(await rpc('discv4_self')).toBe(records[at])
    const entry = await until(
      'the other is in the table',
      async () => (await bucketsOf(rpc)).find(({ node, live }) => live && node === other),
      { timeoutMs: 60_000, intervalMs: 250 },
    )
    expect(Object.keys(entry)).toEqual(['node', 'addedToTable', 'addedToBucket', 'checks', 'live'])
    for (const time of [entry.addedToTable, entry.addedToBucket]) expect(Date.parse(time)).toBeGreaterThan(0)
    expect(await rpc<Json[]>('discv4_buckets')).toHaveLength(17)
    // The tools of the tests before are among them.
    expect(await rpc('discv4_lookupRandom', 8)).toContain(other)
  }
  const { id } = JSON.parse((await ethwire('discv4', 'requestenr', ...where, '--json', geths.record)).stdout) as {
    id: string
  }
  expect(await ours.rpc('discv4_explain', id)).toMatchObject({ id, place: 'bucket', provenIp: '127.0.0.1' })
})

test('a lookup finds its target by way of the bootnode', async () => {
  const flags = ['--addr', '127.0.0.1:0', '--bootnodes', ours.record]
  const found = await ethwire('discv4', 'lookup', ...flags, '--json', geths.record)
  expect(found.code).toBe(0)
  const ids = (JSON.parse(found.stdout) as { id: string }[]).map(({ id }) => id)
  const { id } = JSON.parse((await ethwire('discv4', 'requestenr', ...where, '--json', geths.record)).stdout) as {
    id: string
  }
  expect(ids[0]).toBe(id)
})

test('no tool of ours turns to a public network on its own', async () => {
  for (const args of [['lookup'], ['crawl', join(temporaryDirectory('tools'), 'nodes.json')]]) {
    const { code, stdout, stderr } = await ethwire('discv4', ...args, '--addr', '127.0.0.1:0')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('needs nodes to begin with: --bootnodes')
  }
})
