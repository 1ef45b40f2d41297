import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Crypto, pureCrypto } from '@ethwire/crypto'
import { nativeCrypto } from '@ethwire/crypto-native'
import { sampleChain } from '@ethwire/interop/paths'
import { createEthereumjsFrames, ethereumjsName } from './ethereumjs.ts'
import { type GethRlpx, startGethRlpx } from './geth-rlpx.ts'
import { buildGoPrograms, gethName } from './go.ts'
import { type Line, rateLine } from './line.ts'
import { tcpFrames } from './loopback.ts'
import { type Contender, medianRates, repeat } from './measure.ts'
import { createFrames } from './ours.ts'

const rounds = { count: 5, durationMs: 220 }
const unit = 'frames/s'
const code = 0x15
const gethRlpx = `${gethName} p2p/rlpx`

/** Of a block's bodies, as they are asked for: what snappy is for. */
const snappyBytes = 256 * 1024

const sizes = [
  { title: '64B', bytes: 64 },
  { title: '1KiB', bytes: 1024 },
  { title: '16KiB', bytes: 16 * 1024 },
  { title: '256KiB', bytes: 256 * 1024 },
  { title: '1MiB', bytes: 1024 * 1024 },
]

/** RLPx frames, written and read. */
export async function* benchFrames(): AsyncGenerator<Line> {
  buildGoPrograms('rlpxbench')
  using geth = startGethRlpx()
  using chain = someChain(snappyBytes)
  for (const { title, bytes } of sizes) {
    yield* inMemory(geth, { name: `frames/${title}`, payload: new Uint8Array(bytes), snappy: false })
  }
  const { payload, file } = chain
  yield* inMemory(geth, { name: 'frames/256KiB/snappy', payload, snappy: true, file })
  for (const { title, bytes } of sizes) {
    yield await overTcp(geth, { name: `frames/${title}/tcp`, payload: new Uint8Array(bytes), snappy: false })
  }
}

interface Case {
  readonly name: string
  readonly payload: Uint8Array
  readonly snappy: boolean
  /** Where the payload is, for geth. */
  readonly file?: string
}

async function* inMemory(geth: GethRlpx, { name, payload, snappy, file = '' }: Case): AsyncGenerator<Line> {
  const native = nativeCrypto ?? pureCrypto
  const batch = Math.max(1, Math.floor(65_536 / Math.max(payload.length, 1024)))
  const repeated = (work: () => void): Contender => ({ rate: (durationMs) => repeat(work, durationMs, batch) })
  const size = payload.length
  const rates = await medianRates(
    {
      native: repeated(createFrames({ code, payload, snappy, crypto: native })),
      pure: repeated(createFrames({ code, payload, snappy, crypto: pureCrypto })),
      ethereumjs: repeated(createEthereumjsFrames({ code, payload, snappy })),
      geth: geth.contender({ bench: 'frames', link: 'memory', size, file, snappy }),
    },
    rounds,
  )
  const note = (rate: number, crypto: Crypto): string =>
    `${megabytes(rate, size)}; write + read in memory, one thread each${snappy ? ', blocks, snappy' : ''}; ${crypto.name}`
  const line = { name, unit, peer: rates.ethereumjs, peerName: ethereumjsName }
  yield rateLine({ ...line, ours: rates.native, note: note(rates.native, native) })
  yield rateLine({ ...line, ours: rates.pure, note: note(rates.pure, pureCrypto) })
  const beside = { peer: rates.geth, peerName: gethRlpx }
  yield rateLine({ ...line, ...beside, ours: rates.native, note: note(rates.native, native) })
}

async function overTcp(geth: GethRlpx, { name, payload, snappy }: Case): Promise<Line> {
  const native = nativeCrypto ?? pureCrypto
  const rates = await medianRates(
    {
      native: tcpFrames({ code, payload, snappy, crypto: native }),
      geth: geth.contender({ bench: 'frames', link: 'tcp', size: payload.length }),
    },
    rounds,
  )
  const note = `${megabytes(rates.native, payload.length)}; write + read over TCP loopback; ours in one thread, geth on all cores; ${native.name}`
  return rateLine({ name, unit, ours: rates.native, peer: rates.geth, peerName: gethRlpx, note })
}

const megabytes = (rate: number, size: number): string => `${((rate * size) / 1e6).toPrecision(3)} MB/s`

/** The beginning of the sample chain, for us as bytes and for geth as a file. */
function someChain(bytes: number): Disposable & { payload: Uint8Array; file: string } {
  const chain = gunzipSync(readFileSync(sampleChain.chain))
  if (chain.length < bytes) throw new Error(`the sample chain has less than ${bytes} bytes`)
  const payload = new Uint8Array(chain.subarray(0, bytes))
  const dir = mkdtempSync(join(tmpdir(), 'ethwire-bench-'))
  const file = join(dir, 'payload')
  writeFileSync(file, payload)
  return { payload, file, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}
