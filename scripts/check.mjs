// `npm run check`: everything that can be said about the code without running it. Each check runs, whatever the others say.
import { spawnSync } from 'node:child_process'
import { install, main, node, root, run, tools } from './workspace.mjs'

const turbo = (task) => [tools.turbo, 'run', task, '--continue', '--output-logs=errors-only']

const hasMain = () => spawnSync('git', ['rev-parse', '--verify', '--quiet', 'main'], { cwd: root }).status === 0

const checks = [
  ['build', turbo('build')],
  ['format and lint', [tools.biome, 'check', '--error-on-warnings']],
  ['types', turbo('typecheck')],
  ['layers', [tools.turbo, 'boundaries']],
  ['unused code', [tools.knip]],
  ['package shape', turbo('shape')],
  ['sizes for browsers', [tools.sizeLimit, '--silent']],
  // Compares with the main branch, which a shallow or detached checkout need not have.
  ...(hasMain() ? [['changesets', [tools.changeset, 'status']]] : []),
]

await main(async () => {
  await install()
  const failed = []
  for (const [name, args] of checks) {
    const startedAt = performance.now()
    const code = await run(node, args, { quietly: `Checking ${name}…` })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
    if (code !== 0) failed.push(name)
  }
  console.log(failed.length === 0 ? 'All checks passed.' : `Checks that failed: ${failed.join(', ')}.`)
  return failed.length === 0 ? 0 : 1
})
