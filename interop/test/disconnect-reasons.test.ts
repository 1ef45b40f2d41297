import { randomBytes } from 'node:crypto'
import { pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { type DisconnectReason, defineProtocol, describeDisconnectReason, type Protocol } from '@ethwire/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ethwire, startEthwire } from '../src/ethwire-process.ts'
import { type Geth, startGeth } from '../src/geth.ts'
import { type OurServer, startOurServer } from '../src/our-server.ts'
import { sampleChain } from '../src/paths.ts'
import { watchPeerEvents } from '../src/peer-events.ts'
import { peerOf } from '../src/peer-lists.ts'
import { connectRawPeer, ethGetBlockHeaders, type RawPeer, type RawPeerOptions } from '../src/raw-peer.ts'
import { freePorts } from '../src/resources.ts'
import type { Rpc } from '../src/rpc.ts'
import { until } from '../src/until.ts'

const { genesis, networkId } = sampleChain
const crypto = nativeCrypto ?? pureCrypto

const allReasons: readonly DisconnectReason[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16]

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** A Disconnect's payload on the wire: a list of one number, in two bytes, which snappy makes four of. */
const plain = (reason: number): string => (reason === 0 ? 'c180' : `c1${reason.toString(16).padStart(2, '0')}`)
const compressed = (reason: number): string => `0204${plain(reason)}`

const isPeer = (rpc: Rpc, id: string) => async (): Promise<boolean> => (await peerOf(rpc, id)) !== undefined

/** A Status of eth as a node of the network with the next number would send it. */
function ofNextNetwork(status: Uint8Array): Uint8Array {
  const at = Buffer.from(status).indexOf(fromHex('83146966')) // 1337702, as an item
  return status.with(at + 3, 0x67)
}

/** Of another network, and content with geth's, so that geth alone ends it: ours would, too, and the two would race. */
const stranger: Protocol = {
  name: 'eth',
  versions: { 70: { length: 18 } },
  limits: { maxMessageBytes: 1024 },
  async run({ messages, send }) {
    for await (const { code, payload } of messages) if (code === 0) await send(0, ofNextNetwork(payload))
  },
}

/** A raw peer that the node has among its peers. */
async function admitted(node: { enode: string; rpc: Rpc }, options: RawPeerOptions = {}): Promise<RawPeer> {
  const peer = await connectRawPeer(node.enode, options)
  await peer.exchangeStatus()
  await until('the raw peer is among the peers', isPeer(node.rpc, peer.id), { timeoutMs: 20_000 })
  return peer
}

let wsPort: number
let geth: Geth
/** A process of ours on the same network. */
let node: Ethwire
const gethKey = new Uint8Array(randomBytes(32))
const nodeKey = new Uint8Array(randomBytes(32))

beforeAll(async () => {
  const [port] = await freePorts(1)
  wsPort = port!
  // With snap sync, geth turns peers without snap away.
  const ws = ['--syncmode', 'full', '--ws', '--ws.addr', '127.0.0.1', '--ws.port', `${wsPort}`, '--ws.api', 'admin']
  ;[geth, node] = await Promise.all([
    startGeth({ genesis, networkId, nodekey: hex(gethKey)!, args: ws }),
    startEthwire({ genesis, networkId, args: ['--nodekeyhex', hex(nodeKey)!, '--maxpeers', '50'] }),
  ])
})
afterAll(async () => {
  await Promise.all([geth?.kill(), node?.kill()])
})

/** The reason with which a server of ours was refused, or lost its peer, and whose it was. */
async function end({ server }: OurServer): Promise<{ side: string; reason: number | undefined }> {
  for await (const event of server.events({ signal: AbortSignal.timeout(60_000) })) {
    if (event.type === 'peer:drop') return { side: event.side, reason: event.reason }
    if (event.type === 'dial:failed') return { side: 'remote', reason: event.error.reason }
  }
  throw new Error('no connection of the server ended')
}

describe.concurrent('a reason to disconnect', () => {
  test('of ours is heard by geth, whichever it is', async () => {
    await using atGeth = await watchPeerEvents(`ws://127.0.0.1:${wsPort}`)
    const heard = async (reason: DisconnectReason): Promise<string | undefined> => {
      await using ours = await startOurServer({ genesis, networkId }, { staticNodes: [geth.enode] })
      await until('geth has us as a peer', isPeer(geth.rpc, ours.id), { timeoutMs: 30_000 })
      const [peer] = ours.server.peers()
      peer!.disconnect(reason)
      const drop = await atGeth.seen('the end', ({ type, peer }) => type === 'drop' && peer === ours.id)
      return drop.error
    }
    expect(await Promise.all(allReasons.map(heard))).toEqual(allReasons.map(describeDisconnectReason))
  })

  test('of geth is heard by us, whichever it has', async () => {
    const network = { genesis, networkId }
    const staticNodes = [geth.enode]
    const chat = defineProtocol({ name: 'chat', version: 1, messages: {}, limits: { maxMessageBytes: 64 } })
    const twin = new Uint8Array(randomBytes(32))
    await using full = await startGeth({ ...network, args: ['--maxpeers', '0'] })
    await using quitting = await startGeth(network)
    await using removed = await startOurServer(network, { staticNodes })
    await using useless = await startOurServer(network, { staticNodes, protocols: [chat.run(() => undefined)] })
    await using late = await startOurServer(network, { staticNodes: [full.enode] })
    await using first = await startOurServer(network, { staticNodes, privateKey: twin })
    await using staying = await startOurServer(network, { staticNodes: [quitting.enode] })
    await using elsewhere = await startOurServer(network, { staticNodes, protocols: [stranger] })

    const told = (reason: number): object => ({ side: 'remote', reason })
    const cases = [
      async () => {
        const ended = end(removed)
        await until('geth has the one it will remove', isPeer(geth.rpc, removed.id), { timeoutMs: 30_000 })
        await geth.rpc('admin_removePeer', removed.enode)
        expect(await ended).toEqual(told(0))
      },
      async () => expect(await end(useless)).toEqual(told(3)),
      async () => expect(await end(late)).toEqual(told(4)),
      async () => {
        await until('geth has the first of two', isPeer(geth.rpc, first.id), { timeoutMs: 30_000 })
        await using second = await startOurServer(network, { staticNodes, privateKey: twin })
        expect(await end(second)).toEqual(told(5))
      },
      async () => {
        const ended = end(staying)
        await until('geth has a peer when it quits', isPeer(quitting.rpc, staying.id), { timeoutMs: 30_000 })
        await quitting.stop()
        expect(await ended).toEqual(told(8))
      },
      async () => expect(await end(elsewhere)).toEqual(told(16)),
    ]
    await Promise.all(cases.map((run) => run()))
  })

  test('of anybody is heard by us: those that geth never sends, and the forms that others give them', async () => {
    await using ours = await startOurServer({ genesis, networkId }, { maxPeers: 100 })
    const payloads: [sent: string, reason: number][] = [
      ...allReasons.map((reason): [string, number] => [plain(reason), reason]),
      ['04', 4], // a bare byte, as geth sent it once
      ['80', 0],
      ['c10c', 12], // no reason that has a name
      ['c0', 0xff],
      ['', 0xff],
    ]
    const drops = new Map<string, number | undefined>() // bounded: one for each payload
    ours.server.on('peer:drop', ({ peer, reason, side }) => void drops.set(`${peer.id} ${side}`, reason))
    const sent = await Promise.all(
      payloads.map(async ([payload, reason]): Promise<[string, number]> => {
        using raw = await connectRawPeer(ours.enode)
        await raw.exchangeStatus()
        await until('it is a peer', async () => ours.server.peers().some(({ id }) => id === raw.id), {
          timeoutMs: 9_000,
        })
        raw.send(0x01, fromHex(payload))
        expect(await raw.ended).toBeUndefined()
        return [`${raw.id} remote`, reason]
      }),
    )
    await until('all are gone', async () => ours.server.peers().length === 0, { timeoutMs: 9_000 })
    expect(drops).toEqual(new Map(sent))
  })
})

/** A node that somebody offends, of either kind. */
interface Target {
  readonly enode: string
  readonly rpc: Rpc
  readonly key: Uint8Array
}

interface Offence {
  readonly what: string
  /** Payloads of the Disconnect on the wire; undefined: the connection is closed without a word. */
  readonly geth: string | undefined
  readonly ours: string | undefined
  /** Resolves to who is told. */
  offend(target: Target): Promise<RawPeer>
}

const twice = async (target: Target): Promise<RawPeer> => {
  const privateKey = new Uint8Array(randomBytes(32))
  const first = await admitted(target, { privateKey })
  const second = await connectRawPeer(target.enode, { privateKey })
  void second.ended.then(() => first.close())
  return second
}

const offences: readonly Offence[] = [
  {
    what: '0, it is removed',
    geth: compressed(0),
    ours: compressed(0),
    async offend(target) {
      const peer = await admitted(target)
      await target.rpc('admin_removePeer', peer.enode)
      return peer
    },
  },
  {
    what: '2, a request that is no RLP of its kind',
    geth: compressed(2),
    ours: compressed(2),
    async offend(target) {
      const peer = await admitted(target)
      peer.send(ethGetBlockHeaders, fromHex('c0'))
      return peer
    },
  },
  {
    what: '2, a message of no protocol, over which geth says nothing',
    geth: undefined,
    ours: compressed(2),
    async offend(target) {
      const peer = await admitted(target)
      peer.send(0xf0, fromHex('c0'))
      return peer
    },
  },
  {
    what: '3, no protocol is shared',
    geth: compressed(3),
    ours: compressed(3),
    offend: ({ enode }) => connectRawPeer(enode, { capabilities: [['chat', 1]] }),
  },
  { what: '5, it is connected already', geth: plain(5), ours: plain(5), offend: twice },
  {
    what: '7, its hello names a key of zeros, over which geth says nothing',
    geth: undefined,
    ours: compressed(7),
    offend: ({ enode }) => connectRawPeer(enode, { claimedKey: new Uint8Array(64) }),
  },
  {
    what: '7, its hello names a key that is too short, as well',
    geth: undefined,
    ours: compressed(7),
    offend: ({ enode }) => connectRawPeer(enode, { claimedKey: randomBytes(63) }),
  },
  {
    what: '9, its hello names another key than it proved',
    geth: compressed(9),
    ours: compressed(9),
    offend: ({ enode }) => connectRawPeer(enode, { claimedKey: crypto.publicKey(new Uint8Array(randomBytes(32))) }),
  },
  {
    what: '10, it proves the key of the node itself',
    geth: plain(10),
    ours: plain(10),
    offend: ({ enode, key }) => connectRawPeer(enode, { privateKey: key }),
  },
  {
    what: '11, no hello comes, over which geth says nothing',
    geth: undefined,
    ours: plain(11),
    offend: ({ enode }) => connectRawPeer(enode, { saysHello: false }),
  },
  {
    what: '11, it is idle (case 39), over which geth says nothing',
    geth: undefined,
    ours: compressed(11),
    offend: admitted,
  },
  {
    what: '16, it is of another network',
    geth: compressed(16),
    ours: compressed(16),
    async offend({ enode }) {
      const peer = await connectRawPeer(enode)
      await peer.exchangeStatus(ofNextNetwork)
      return peer
    },
  },
]

describe.concurrent('what a raw peer is told, byte for byte, by geth and by us:', () => {
  test.for(offences)('$what', async ({ geth: byGeth, ours: byUs, offend }, { expect }) => {
    const targets: Target[] = [
      { enode: geth.enode, rpc: geth.rpc, key: gethKey },
      { enode: node.enode, rpc: node.rpc, key: nodeKey },
    ]
    const said = targets.map(async (target) => {
      using peer = await offend(target)
      return hex(await peer.ended)
    })
    expect(await Promise.all(said)).toEqual([byGeth, byUs])
  })

  test('4, the places for those who dial are taken; and 8, the node quits', async ({ expect }) => {
    // Two places make one to dial and one for who dials.
    const args = ['--maxpeers', '2']
    const [geth, node] = await Promise.all([
      startGeth({ genesis, networkId, args }),
      startEthwire({ genesis, networkId, args }),
    ])
    const said = [geth, node].map(async (target) => {
      await using _node = target
      using holding = await admitted(target)
      using late = await connectRawPeer(target.enode)
      const refused = hex(await late.ended)
      await target.stop()
      return [refused, hex(await holding.ended)]
    })
    expect(await Promise.all(said)).toEqual([
      [plain(4), compressed(8)],
      [plain(4), compressed(8)],
    ])
  })
})
