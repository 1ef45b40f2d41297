import fc from 'fast-check'
import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { openChainStore, type StoredBlock } from '../src/index.ts'
import { genesis, makeBlocks } from './helpers.ts'

const step = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    count: fc.integer({ min: 1, max: 9 }),
    branch: fc.nat({ max: 3 }),
  }),
  fc.record({ kind: fc.constant('rewind' as const), by: fc.nat({ max: 12 }) }),
  fc.record({ kind: fc.constant('reopen' as const) }),
)

test('any series of appends, rewinds and restarts leaves the chain that a list would hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const db = new MemoryLevel()
      let store = await openChainStore({ db, genesis, cachedHashes: 16 })
      let model: StoredBlock[] = []
      const seen = new Map<string, StoredBlock>()
      for (const taken of steps) {
        if (taken.kind === 'append') {
          const added = makeBlocks(taken.count, model.at(-1), taken.branch)
          for (const block of added) seen.set(block.hash.join(), block)
          await store.append(added)
          model = [...model, ...added]
        } else if (taken.kind === 'rewind') {
          model = model.slice(0, Math.max(0, model.length - taken.by))
          await store.rewind(model.length)
        } else {
          store = await openChainStore({ db, genesis, cachedHashes: 16 })
        }
        expect(store.head()).toMatchObject({ number: model.length, hash: model.at(-1)?.hash ?? genesis.hash })
      }
      expect(await store.hashRange(1, 1000)).toEqual(model.map(({ hash }) => hash))
      expect(await store.bodies(model.map(({ hash }) => hash))).toEqual(model.map(({ body }) => body))
      const gone = [...seen.values()].filter((block) => !model.some(({ hash }) => hash.join() === block.hash.join()))
      expect(await store.bodies(gone.map(({ hash }) => hash))).toEqual(gone.map(() => undefined))
    }),
  )
})
