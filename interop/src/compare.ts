import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { Ethwire } from './ethwire-process.ts'
import type { Geth } from './geth.ts'
import { type Json, quantity, type Rpc } from './rpc.ts'
import { StopAsking, until } from './until.ts'

interface Block {
  hash: string
  number: string
  [key: string]: Json
}

/** The number of the newest block that a node has. */
export async function height(rpc: Rpc): Promise<number> {
  return Number(await rpc<string>('eth_blockNumber'))
}

/** Waits until our node is at the block and says that it has nothing left to do. */
export async function untilSynced(node: Ethwire, head: number, timeoutMs: number): Promise<void> {
  const synced = async (): Promise<boolean> =>
    (await height(node.rpc)) === head && (await node.rpc('eth_syncing')) === false
  try {
    await until(`our node is at block ${head}`, synced, { timeoutMs, intervalMs: 100 })
  } catch (error) {
    const at = await height(node.rpc).catch(() => 'no block: it does not answer')
    throw new Error(`our node is not at block ${head} within ${timeoutMs} ms, but at ${at}\n${lastLines(node)}`, {
      cause: error,
    })
  }
}

/** Waits until our node has passed the number, and fails when it is at the head before that was seen. */
export async function untilMidSync(node: Ethwire, number: number, head: number): Promise<number> {
  const passed = async (): Promise<number | undefined> => {
    const now = await height(node.rpc)
    if (now >= head) throw new StopAsking(`our node was at block ${head} before it could be interrupted`)
    return now >= number ? now : undefined
  }
  return until(`our node is past block ${number}`, passed, { timeoutMs: 60_000, intervalMs: 5 })
}

const lastLines = (node: Ethwire): string => node.logs().split('\n').slice(-25).join('\n')

export interface CompareOptions {
  head: number
  /** Compare receipts too. */
  receipts: boolean
  /** Blocks whose receipts our node does not have, which are left out. */
  without?: readonly number[]
  /** Only each `step`th block, and the head. */
  step?: number
}

/** Compares blocks (with full transactions) and receipts with geth's JSON, and returns how many blocks were compared. */
export async function compareWithGeth(node: Ethwire, geth: Geth, options: CompareOptions): Promise<number> {
  const { head, receipts, without = [], step = 1 } = options
  const numbers = Array.from({ length: head + 1 }, (_, n) => n).filter((n) => n % step === 0 || n === head)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let n = numbers[next++]; n !== undefined; n = numbers[next++]) {
      await compareAnswers(node, geth, 'eth_getBlockByNumber', quantity(n), true)
      if (receipts && !without.includes(n)) await compareAnswers(node, geth, 'eth_getBlockReceipts', quantity(n))
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return numbers.length
}

async function compareAnswers(node: Ethwire, geth: Geth, method: string, ...params: Json[]): Promise<void> {
  const [ours, theirs] = await Promise.all([node.rpc(method, ...params), geth.rpc(method, ...params)])
  expect(theirs).not.toBeNull()
  // The matcher's own comparison is slow on thousands of blocks, and needed only for what it prints.
  if (!isDeepStrictEqual(ours, theirs)) expect(ours, `${method} ${params[0]}`).toEqual(theirs)
}

/** The hash of a node's newest block. */
export async function headHash(rpc: Rpc): Promise<string> {
  return (await rpc<Block>('eth_getBlockByNumber', 'latest', false)).hash
}
