import { type ChainStore, ChainStoreError } from '@ethwire/chain-store'
import { afterEach, describe, expect, test } from 'vitest'
import { makeChain } from './chain-helper.ts'
import { expectStored, openStore, type Scene, setScene } from './sync-helper.ts'

let scene: Scene
afterEach(() => scene.sync.close())

const chain = makeChain({ length: 1000 })

async function failingStore(failure: () => Error | undefined): Promise<ChainStore> {
  const store = await openStore()
  const guarded =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      const error = failure()
      if (error !== undefined) throw error
      await write(...args)
    }
  return { ...store, append: guarded(store.append), extendSkeleton: guarded(store.extendSkeleton) }
}

describe('a store that fails', () => {
  test('by a full disk: the sync says so, waits, and goes on when there is room again', async () => {
    let writes = 0
    let full = false
    const store = await failingStore(() => {
      writes++
      return full || writes === 2 ? Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }) : undefined
    })
    scene = await setScene({ store })
    const peer = scene.join({ name: 'peer', chain })
    await scene.clock.advance(5_000)
    expect(scene.sync.progress()).toMatchObject({ state: 'headers', storeError: { code: 'ENOSPC' } })
    full = true
    writes = 0
    await scene.clock.advance(600_000)
    expect(writes).toBeLessThan(20)
    full = false
    await scene.clock.runUntil(scene.sync.synced)
    await expectStored(scene.store, chain)
    expect(scene.sync.progress()).not.toHaveProperty('storeError')
    expect(peer.disconnectedWith).toBeUndefined()
  })

  test('while it waits, a close ends it', async () => {
    const store = await failingStore(() => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
    scene = await setScene({ store })
    scene.join({ name: 'peer', chain })
    await scene.clock.advance(5_000)
    await scene.sync.close()
    expect(scene.sync.progress().state).toBe('idle')
  })

  test('because it is closed: the sync ends', async () => {
    const store = await failingStore(() => new ChainStoreError('STORE_CLOSED', 'the store is closed'))
    scene = await setScene({ store })
    scene.join({ name: 'peer', chain })
    await expect(scene.clock.runUntil(scene.sync.synced)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(scene.sync.progress()).toMatchObject({ state: 'failed', error: { code: 'STORE_CLOSED' } })
  })
})
