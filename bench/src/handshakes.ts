import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { createEthereumjsHandshake, ethereumjsName } from './ethereumjs.ts'
import { startGethRlpx } from './geth-rlpx.ts'
import { buildGoPrograms, gethName } from './go.ts'
import { type Line, rateLine } from './line.ts'
import { tcpHandshakes } from './loopback.ts'
import { type Contender, medianRates, repeat } from './measure.ts'
import { createHandshake } from './ours.ts'

const rounds = { count: 7, durationMs: 500 }
const unit = 'handshakes/s'

/** RLPx handshakes, both sides. */
export async function* benchHandshakes(): AsyncGenerator<Line> {
  buildGoPrograms('rlpxbench')
  using geth = startGethRlpx()
  const native = nativeCrypto ?? pureCrypto
  const memory = await medianRates(
    {
      native: inMemory(createHandshake(native)),
      pure: inMemory(createHandshake(pureCrypto)),
      ethereumjs: inMemory(createEthereumjsHandshake()),
      geth: geth.contender({ bench: 'handshakes', link: 'memory' }),
    },
    rounds,
  )
  const note = (crypto: Crypto): string => `both sides, in memory, one thread each; ${crypto.name}`
  const [beside, gethRlpx] = [ethereumjsName, `${gethName} p2p/rlpx`]
  const common = { name: 'handshakes', unit }
  yield rateLine({ ...common, ours: memory.native, peer: memory.ethereumjs, peerName: beside, note: note(native) })
  yield rateLine({ ...common, ours: memory.pure, peer: memory.ethereumjs, peerName: beside, note: note(pureCrypto) })
  yield rateLine({ ...common, ours: memory.native, peer: memory.geth, peerName: gethRlpx, note: note(native) })

  const tcp = await medianRates(
    { native: tcpHandshakes(native), geth: geth.contender({ bench: 'handshakes', link: 'tcp' }) },
    rounds,
  )
  const tcpNote = `both sides, TCP loopback with connecting; ours in one thread, geth on all cores; ${native.name}`
  yield rateLine({
    ...common,
    name: 'handshakes/tcp',
    ours: tcp.native,
    peer: tcp.geth,
    peerName: gethRlpx,
    note: tcpNote,
  })
}

function inMemory(work: () => unknown): Contender {
  return { rate: (durationMs) => repeat(work, durationMs) }
}
