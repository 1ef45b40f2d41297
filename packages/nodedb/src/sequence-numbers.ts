import { formatNodeId, type SequenceStore } from '@ethwire/enr'
import type { Clock } from '@ethwire/io'
import { decode, encode, u64 } from '@ethwire/rlp-codec'
import { rowKey } from './keys.ts'
import { asBytes, type NodeStore, syncedBytes } from './node-store.ts'
import type { StoreHealth } from './store-health.ts'

export interface SequenceNumbersOptions {
  /** None: numbers live as long as the process. */
  readonly store: NodeStore | undefined
  readonly clock: Pick<Clock, 'now'>
  readonly health: StoreHealth
  /** A stored number that is none. */
  onDamaged(id: string, problem: unknown): void
}

/**
 * A record is given out before its number can be on the disk. So what is written is not the number, but one that is not
 * reached yet: a start takes up there, wherever the last run ended.
 */
const ahead = 64n
/** Written anew when fewer are left: more than are signed while the disk is busy. */
const reserve = 32n

const maxSeq = (1n << 64n) - 1n

/** The sequence numbers of local nodes, which never fall. */
export function createSequenceNumbers(options: SequenceNumbersOptions): SequenceStore {
  const { store, clock, health, onDamaged } = options
  // By node ID: with a store what is written there, else the last one. bounded: one for each local node of the process
  const numbers = new Map<string, bigint>()

  const write = async (id: string, seq: bigint, to: NodeStore): Promise<boolean> => {
    const bound = seq + ahead > maxSeq ? maxSeq : seq + ahead
    try {
      await to.batch([{ type: 'put', key: rowKey('sequence', id), value: encode(u64, bound) }], syncedBytes)
    } catch (error) {
      health.failed(error)
      return false
    }
    numbers.set(id, bound)
    return true
  }

  const read = async (id: string, from: NodeStore): Promise<bigint | undefined> => {
    let value: Uint8Array | undefined
    try {
      value = await from.get(rowKey('sequence', id), asBytes)
    } catch (error) {
      health.failed(error)
      return undefined
    }
    try {
      return value === undefined ? undefined : decode(u64, value)
    } catch (problem) {
      onDamaged(id, problem)
      return undefined
    }
  }

  return {
    async load(nodeId) {
      const id = formatNodeId(nodeId)
      if (store === undefined) return numbers.get(id)
      const time = BigInt(Math.max(1, Math.trunc(clock.now()))) - 1n
      // Without a number the time, which is higher than any that began as it does and was lost (geth does so, too).
      const used = (await read(id, store)) ?? time
      if (await write(id, used, store)) return used
      return used > time ? used : time
    },
    async save(nodeId, seq) {
      const id = formatNodeId(nodeId)
      if (store === undefined) {
        numbers.set(id, seq)
        return
      }
      const written = numbers.get(id)
      if (written === undefined || seq + reserve > written) await write(id, seq, store)
    },
  }
}
