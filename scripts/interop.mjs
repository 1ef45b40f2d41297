// `npm run interop -- ARGS`: the reference client against go-ethereum, which needs Go; ARGS go to vitest.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readReport, reporters, reports } from './report.mjs'
import { build, env, install, main, node, root, run, tools } from './workspace.mjs'

const needed = [1, 25]

/** Why Go cannot be used, or undefined. */
function goProblem() {
  const wanted = `npm run interop builds go-ethereum and needs Go ${needed.join('.')} or later (https://go.dev/dl)`
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env, cwd: root })
  if (status !== 0) return `${wanted}; there is no "go" on PATH.`
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout) ?? []
  if (major === undefined) return undefined // a development version
  const recent = Number(major) > needed[0] || (Number(major) === needed[0] && Number(minor) >= needed[1])
  return recent ? undefined : `${wanted}; "go" on PATH is ${stdout.trim()}.`
}

await main(async () => {
  rmSync(reports.interop, { force: true })
  const problem = goProblem()
  if (problem !== undefined) {
    console.error(problem)
    return 1
  }
  await install()
  await build()
  const config = join('interop', 'vitest.config.ts')
  const args = ['run', '--config', config, ...reporters(reports.interop), ...process.argv.slice(2)]
  const code = await run(node, [tools.vitest, ...args])
  const report = readReport(reports.interop)
  if (report === undefined) {
    console.error('The interop tests left no report.')
    return code || 1
  }
  console.log(`Interop: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped.`)
  return code || (report.failed > 0 || report.passed === 0 ? 1 : 0)
})
