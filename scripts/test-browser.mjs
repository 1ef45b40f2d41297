// `npm run test:browser -- ARGS`: the browser-safe packages in a headless Chromium of this machine; ARGS go to vitest.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readReport, reporters, reports } from './report.mjs'
import { build, install, main, node, run, tools } from './workspace.mjs'

await main(async () => {
  rmSync(reports.browser, { force: true })
  await install()
  await build()
  const config = join('browser', 'vitest.config.ts')
  const args = ['run', '--config', config, ...reporters(reports.browser), ...process.argv.slice(2)]
  const code = await run(node, [tools.vitest, ...args])
  const report = readReport(reports.browser)
  if (report === undefined) {
    console.error('The browser tests left no report.')
    return code || 1
  }
  console.log(`Browser: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped.`)
  return code || (report.failed > 0 || report.skipped > 0 || report.passed === 0 ? 1 : 0)
})
