// `npm test -- ARGS`: installs, builds, and runs the tests of all packages; ARGS go to vitest.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { readReport, reporters, reports } from './report.mjs'
import { build, install, main, node, root, run, tools } from './workspace.mjs'

// `io` cannot depend on `testing`, which depends on it: its tests are there.
const testedElsewhere = new Set(['packages/io'])

function projects() {
  const inFolder = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
  return [...inFolder('packages'), ...inFolder('apps'), 'examples'].filter((project) =>
    existsSync(join(root, project, 'package.json')),
  )
}

function testFiles(project) {
  const folder = join(root, project, 'test')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.(test|fuzz)\.ts$/.test(name))
    .map((name) => join(folder, name))
}

/** What should have been run and was not: vitest is content with a project that has lost its tests. */
function missing(report) {
  const ran = new Set(report.files.map((file) => relative(root, file).split(sep).join('/')))
  return projects().flatMap((project) => {
    const files = testFiles(project).map((file) => relative(root, file).split(sep).join('/'))
    if (files.length === 0) return testedElsewhere.has(project) ? [] : [`${project} has no tests`]
    return files.filter((file) => !ran.has(file)).map((file) => `${file} was not run`)
  })
}

await main(async () => {
  const args = process.argv.slice(2)
  await install()
  await build()
  rmSync(reports.test, { force: true })
  const code = await run(node, [tools.vitest, 'run', ...reporters(reports.test), ...args])
  const report = readReport(reports.test)
  if (report === undefined) {
    console.error('The tests left no report.')
    return code || 1
  }
  // With arguments, a part of the tests is what was asked for.
  const gaps = args.length > 0 ? [] : missing(report)
  for (const gap of gaps) console.error(`Missing: ${gap}.`)
  const { passed, failed, skipped, files } = report
  console.log(`Tests: ${passed} passed, ${failed} failed, ${skipped} skipped, in ${files.length} files.`)
  return code || (gaps.length > 0 || failed > 0 || passed === 0 ? 1 : 0)
})
