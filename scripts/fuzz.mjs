// `npm run fuzz -- --minutes 10`: every property of every codec, for as long as is said, with new seeds each time.
// A failure prints its seed and the smallest counterexample: keep that as a plain test.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install, main, node, root, run, tools } from './workspace.mjs'

const vitest = [tools.vitest, 'run', '--typecheck.enabled=false', '.fuzz.ts']
const firstReport = join(root, 'reports', 'fuzz.json')

await main(async () => {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) {
    console.error(`--minutes takes a number above 0, got ${values.minutes}`)
    return 2
  }
  await install()
  // A short pass first: it finds what is easily found, and counts the properties among which the time is shared.
  const code = await run(node, [...vitest, '--reporter=json', `--outputFile=${firstReport}`], {
    quietly: 'A first pass…',
  })
  if (code !== 0) return code
  const { testResults } = JSON.parse(readFileSync(firstReport, 'utf8'))
  const counts = testResults.map((file) => file.assertionResults.length)
  const properties = counts.reduce((total, count) => total + count, 0)
  // Files run side by side, properties of one file one after the other: the fullest file bounds the whole.
  const workers = Math.min(Math.max(1, availableParallelism() - 1), counts.length)
  const eachMs = Math.floor(minutes * 60_000 * Math.min(workers / properties, 1 / Math.max(...counts)))
  console.log(`${properties} properties in ${counts.length} files, ${(eachMs / 1000).toFixed(1)} s each.`)
  return await run(node, vitest, { extraEnv: { ETHWIRE_FUZZ_MS: String(eachMs) } })
})
