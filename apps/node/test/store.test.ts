import { describe, expect, test } from 'vitest'
import { openChain } from '../src/chain.ts'
import { loadNetwork } from '../src/network.ts'
import { openStore, storePath } from '../src/store.ts'
import { crypto, emptySampleChain, sampleNetwork, temporaryDirectory } from './support.ts'

describe('the store', () => {
  test('case 64: a second process on the same data directory is told who has it', async () => {
    const datadir = await temporaryDirectory()
    const first = await openStore(datadir)
    try {
      await expect(openStore(datadir)).rejects.toMatchObject({
        code: 'NODE_STORE_LOCKED',
        message: expect.stringContaining(`${storePath(datadir)} is in use by another process`),
      })
    } finally {
      await first.close()
    }
    await (await openStore(datadir)).close()
  })

  test('of another chain is refused, and closed again', async () => {
    const datadir = await temporaryDirectory()
    await (await openChain(datadir, await sampleNetwork()))[Symbol.asyncDispose]()
    const hoodi = await loadNetwork({ name: 'hoodi' }, crypto)
    await expect(openChain(datadir, hoodi)).rejects.toMatchObject({ code: 'NODE_GENESIS' })
    await (await openStore(datadir)).close()
  })

  test('in memory begins with the genesis', async () => {
    const { store } = await emptySampleChain()
    expect(store.head().number).toBe(0)
  })
})
