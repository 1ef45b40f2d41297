import { decode as decodeTheirs, encode as encodeTheirs } from '@ethereumjs/devp2p'
import { type Crypto, equalBytes, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { decodePacket, encodePacket, type Packet } from '@ethwire/discv4/packet'
import { ethereumjsName } from './ethereumjs.ts'
import { type GethPacketRequest, startGethPackets } from './geth-packets.ts'
import { buildGoPrograms, gethName } from './go.ts'
import { type Line, rateLine } from './line.ts'
import { type Contender, medianRates, repeatCpu } from './measure.ts'

const rounds = { count: 7, durationMs: 500 }
const unit = 'packets/cpu-s'
const privateKey = new Uint8Array(32).fill(1)

/** Packets of discovery v4: encode + sign and decode + recover, each on one core. Rates are by processor time. */
export async function* benchPackets(): AsyncGenerator<Line> {
  buildGoPrograms('v4bench')
  using geth = startGethPackets(privateKey)
  const native = nativeCrypto ?? pureCrypto
  for (const packet of ['ping', 'neighbors'] as const) {
    // All read the packet that geth has signed, and write what they have read.
    const bytes = await geth.packet(packet)
    const ours = decodePacket(bytes, { crypto: native })
    const theirs = decodeTheirs(bytes)
    if (!equalBytes(ours.publicKey, theirs.publicKey.subarray(1))) throw new Error('two signers were found')
    for (const bench of ['decode', 'encode'] as const) {
      const rates = await medianRates(
        {
          native: ourContender(bench, bytes, ours.packet, native),
          pure: ourContender(bench, bytes, ours.packet, pureCrypto),
          ethereumjs: theirContender(bench, bytes, theirs),
          geth: geth.contender({ bench, packet }),
        },
        rounds,
      )
      const name = `${bench}/${packet}`
      const work = bench === 'decode' ? 'read and recover' : 'write and sign'
      const note = ({ name: backend }: Crypto): string => `${work}, ${bytes.length} bytes, one core; ${backend}`
      const common = { name, unit }
      const [beside, v4wire] = [ethereumjsName, `${gethName} v4wire`]
      yield rateLine({ ...common, ours: rates.native, peer: rates.ethereumjs, peerName: beside, note: note(native) })
      yield rateLine({ ...common, ours: rates.pure, peer: rates.ethereumjs, peerName: beside, note: note(pureCrypto) })
      yield rateLine({ ...common, ours: rates.native, peer: rates.geth, peerName: v4wire, note: note(native) })
    }
  }
}

type Bench = GethPacketRequest['bench']

function ourContender(bench: Bench, bytes: Uint8Array, packet: Packet, crypto: Crypto): Contender {
  const work =
    bench === 'decode' ? () => decodePacket(bytes, { crypto }) : () => encodePacket(packet, { privateKey, crypto })
  return { rate: (durationMs) => repeatCpu(work, durationMs) }
}

function theirContender(bench: Bench, bytes: Uint8Array, read: ReturnType<typeof decodeTheirs>): Contender {
  const { typename, data } = read
  // It writes nodes in another form than it reads them.
  const toWrite =
    typename === 'neighbours'
      ? {
          ...data,
          peers: data.peers.map((peer: { endpoint: object; id: Uint8Array }) => ({ ...peer.endpoint, id: peer.id })),
        }
      : data
  const work =
    bench === 'decode' ? () => decodeTheirs(bytes) : () => encodeTheirs(String(typename), toWrite, privateKey)
  return { rate: (durationMs) => repeatCpu(work, durationMs) }
}
