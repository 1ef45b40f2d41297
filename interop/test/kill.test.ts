import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { genesisBlock, parseGenesis } from '@ethwire/chain'
import { openChainStore } from '@ethwire/chain-store'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GeneratedChain, generateChain } from '../src/chaingen.ts'
import { compareWithGeth, headHash, height, untilSynced } from '../src/compare.ts'
import { startEthwire } from '../src/ethwire-process.ts'
import { type Geth, startGeth } from '../src/geth.ts'
import { ethwireCliPath } from '../src/paths.ts'
import { temporaryDirectory } from '../src/resources.ts'
import { until } from '../src/until.ts'

const head = 3000
const kills = 10

describe('case 61: SIGKILL', () => {
  let chain: GeneratedChain
  let geth: Geth

  beforeAll(async () => {
    chain = await generateChain({ blocks: head, txs: 1, seed: 61 })
    geth = await startGeth(chain)
  })
  afterAll(() => geth?.kill())

  test(`in mid-sync, ${kills} times: the height never falls, and the chain is whole at last`, async () => {
    await using node = await startEthwire({ ...chain, staticnodes: [geth.enode], receipts: true })
    let reached = 0
    for (let kill = 0; kill < kills; kill++) {
      // Further on each time, headers and blocks alike; a sync that is over is killed, too.
      const past = Math.min(head, reached + 100)
      await until(`our node is past block ${past}`, async () => (await height(node.rpc)) >= past, {
        ...{ timeoutMs: 60_000, intervalMs: 5 },
      })
      await delay(7 * kill)
      reached = await height(node.rpc)
      await node.kill()
      await node.restart()
      expect(await height(node.rpc)).toBeGreaterThanOrEqual(reached)
    }
    await untilSynced(node, head, 90_000)
    expect(await compareWithGeth(node, geth, { head, receipts: true, step: 5 })).toBe(head / 5 + 1)
    await node.stop()
  })

  test(`in mid-import, ${kills} times: the height never falls, and the chain is whole at last`, async () => {
    const datadir = temporaryDirectory('node')
    const flags = ['--datadir', datadir, '--genesis', chain.genesis, '--networkid', String(chain.networkId)]
    const importing = (): ReturnType<typeof spawn> =>
      spawn(process.execPath, [ethwireCliPath, 'import', ...flags, chain.chain], { stdio: 'ignore' })
    let reached = 0
    for (let kill = 0; kill < kills; kill++) {
      const child = importing()
      const exit = once(child, 'exit')
      await delay(250 + 40 * kill)
      child.kill('SIGKILL')
      await exit
      const stored = await storedHeight(datadir, chain.genesis)
      expect(stored).toBeGreaterThanOrEqual(reached)
      reached = stored
    }
    expect((await once(importing(), 'exit'))[0]).toBe(0)
    await using node = await startEthwire({ ...chain, datadir })
    expect(await headHash(node.rpc)).toBe(chain.headHash)
    expect(await compareWithGeth(node, geth, { head, receipts: false, step: 5 })).toBe(head / 5 + 1)
    await node.stop()
  })
})

/** The height in a data directory that nobody uses; the genesis alone where nothing was stored yet. */
async function storedHeight(datadir: string, genesisFile: string): Promise<number> {
  const genesis = genesisBlock(parseGenesis(await readFile(genesisFile, 'utf8')))
  await using db = new ClassicLevel<Uint8Array, Uint8Array>(join(datadir, 'ethwire', 'chaindata'))
  const store = await openChainStore({ db, genesis })
  const { number } = store.head()
  expect(await store.hashRange(0, number + 1)).toHaveLength(number + 1)
  return number
}
