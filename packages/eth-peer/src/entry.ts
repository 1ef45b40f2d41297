import { createForkFilter, type ForkId, forkId, forkIdSchema } from '@ethwire/chain'
import { defineEntry, type NodeRecord, type RecordEntry } from '@ethwire/enr'
import { convert, struct } from '@ethwire/rlp-codec'
import type { ForkContext } from './chain-reader.ts'
import { forkPosition } from './fork-position.ts'

/** The `eth` entry of node records, `[[hash, next], …]`: which forks a node has passed (enr-entries/eth). */
export const ethEntry: RecordEntry<ForkId> = defineEntry(
  'eth',
  convert(struct({ forkId: forkIdSchema }, { extras: 'ignore' }), {
    read: ({ forkId }) => forkId,
    write: (forkId) => ({ forkId }),
  }),
)

/** The fork ID at the chain's head, for our own record. */
export function localForkId({ config, genesis, chain }: ForkContext): ForkId {
  return forkId(config, genesis, forkPosition(chain))
}

/** Makes the check whether a node is on this chain, going by its record. The head is asked for with each check. */
export function forkFilter({ config, genesis, chain }: ForkContext): (record: NodeRecord) => boolean {
  const judge = createForkFilter(config, genesis, () => forkPosition(chain))
  return (record) => {
    const remote = record.get(ethEntry)
    return remote !== undefined && judge(remote) === 'compatible'
  }
}
