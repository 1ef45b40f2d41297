// `npm run bench -- [--only NAME[,NAME…]] [--json]`: how fast ethwire is, beside others. With --json, standard output
// holds one JSON object a line and nothing else (`npm run --silent bench`, as npm prints two lines of its own).
import { join } from 'node:path'
import { build, install, main, node, root, run } from './workspace.mjs'

await main(async () => {
  await install()
  await build()
  return await run(node, [join(root, 'bench', 'src', 'main.ts'), ...process.argv.slice(2)])
})
