import { forkId } from '@ethwire/chain'
import { encode } from '@ethwire/rlp-codec'
import {
  createVirtualClock,
  expectMessage,
  type MessagePipeEnd,
  messagePipe,
  type VirtualClock,
} from '@ethwire/testing'
import { type EthOptions, type EthPeer, type EthVersion, ethVersions, type Status } from '../src/index.ts'
import { config, createTestChain, runSide, type Side, type TestChain } from './support.ts'

export const chain: TestChain = createTestChain(1500)
export const zeroHash: Uint8Array = new Uint8Array(32)

/** What a peer on that chain sends first. */
export function statusOf(version: number, of: TestChain = chain, changes: Partial<Status> = {}): Status {
  const { number, hash, timestamp } = of.head()
  return {
    version,
    networkId: 1337n,
    genesis: of.genesis.hash,
    forkId: forkId(config, of.genesis, { number: BigInt(number), timestamp }),
    earliestBlock: 0n,
    latestBlock: BigInt(number),
    latestBlockHash: hash,
    ...changes,
  }
}

/** One of ours face to face with bytes. */
export interface Rig {
  readonly clock: VirtualClock
  /** The hostile end. */
  readonly wire: MessagePipeEnd
  readonly side: Side
}

/** Before the exchange of Status. */
export function start(version: EthVersion, options: Partial<EthOptions> = {}): Rig {
  const clock = createVirtualClock()
  const [end, wire] = messagePipe({ version, clock })
  return { clock, wire, side: runSide(end, { chain, ...options } as Parameters<typeof runSide>[1]) }
}

/** Past the exchange of Status. */
export async function meet(version: EthVersion, options: Partial<EthOptions> = {}): Promise<Rig & { peer: EthPeer }> {
  const rig = start(version, options)
  await rig.wire.send(0, encode(ethVersions[version].messages.Status.schema, statusOf(version)))
  await expectMessage(rig.wire, 0)
  return { ...rig, peer: await rig.side.peer }
}

/** What the hostile end was told. */
export const reasonOf = async ({ wire }: Rig): Promise<number> => (await wire.disconnected).reason
