// Run by kill.test.ts: tells the height that it finds in the database it is given, then appends blocks and tells each
// height after it is stored.
import { flushCompileCache } from 'node:module'
import { ClassicLevel } from 'classic-level'
import { openChainStore } from '../src/index.ts'
import { genesis, makeBlocks } from './helpers.ts'

// It would be written at the end, which never comes.
flushCompileCache()
const store = await openChainStore({ db: new ClassicLevel(process.argv[2] ?? ''), genesis })
for (let size = 1; ; size = (size % 10) + 1) {
  process.stdout.write(`${store.head().number}\n`)
  await store.append(makeBlocks(size, store.head()))
}
