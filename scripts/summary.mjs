// The last line of .ci/run: the sum of what all suites report. Exits 1 where a suite left no report, ran nothing or failed.
import { readReport, reports } from './report.mjs'

const total = { passed: 0, failed: 0, skipped: 0 }
let complete = true
for (const [suite, path] of Object.entries(reports)) {
  const report = readReport(path)
  if (report === undefined || report.passed + report.failed === 0) {
    console.error(`The suite "${suite}" ran nothing.`)
    complete = false
  }
  for (const key of Object.keys(total)) total[key] += report?.[key] ?? 0
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = complete && total.failed === 0 ? 0 : 1
