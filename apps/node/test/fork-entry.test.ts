import { forkId, mainnet } from '@ethwire/chain'
import { createLocalNode } from '@ethwire/enr'
import { ethEntry } from '@ethwire/eth-peer'
import { nodeClock } from '@ethwire/io/node'
import { expect, test } from 'vitest'
import { followForks } from '../src/fork-entry.ts'
import { loadNetwork } from '../src/network.ts'
import { crypto } from './support.ts'

test("the record's eth entry follows the head over forks, and nothing else changes the record", async () => {
  const network = await loadNetwork({ name: 'mainnet' }, crypto)
  const localNode = await createLocalNode({ privateKey: new Uint8Array(32).fill(1), clock: nodeClock, crypto })
  let head = { number: 0, hash: new Uint8Array(32), timestamp: 0n }
  let moved = (): void => undefined
  const end = followForks(
    localNode,
    {
      head: () => head,
      onHead: (listener) => {
        moved = listener
        return () => {
          moved = () => undefined
        }
      },
    },
    network,
  )
  const expected = (): object => {
    const position = { number: BigInt(head.number), timestamp: head.timestamp }
    return forkId(mainnet.config, network.genesis, position)
  }
  const first = localNode.record.get(ethEntry)
  expect(first).toEqual(expected())
  const { seq } = localNode
  head = { ...head, number: 1_000_000 }
  moved()
  expect(localNode.seq).toBe(seq)
  head = { ...head, number: 1_150_000 }
  moved()
  expect(localNode.seq).toBe(seq + 1n)
  expect(localNode.record.get(ethEntry)).toEqual(expected())
  expect(localNode.record.get(ethEntry)).not.toEqual(first)
  end()
  head = { ...head, number: 2_000_000 }
  moved()
  expect(localNode.seq).toBe(seq + 1n)
})
