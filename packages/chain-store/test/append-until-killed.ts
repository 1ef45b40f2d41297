// Run by kill.test.ts: appends blocks to the database it is given, and tells each number after it is stored.
import { ClassicLevel } from 'classic-level'
import { openChainStore } from '../src/index.ts'
import { genesis, makeBlocks } from './helpers.ts'

const store = await openChainStore({ db: new ClassicLevel(process.argv[2] ?? ''), genesis })
for (;;) {
  await store.append(makeBlocks(10, store.head()))
  process.stdout.write(`${store.head().number}\n`)
}
