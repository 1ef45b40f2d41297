// Reading vitest's JSON reports.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/** Where each suite leaves its report. */
export const reports = {
  test: join(root, 'reports', 'test.json'),
  browser: join(root, 'reports', 'browser.json'),
  interop: join(root, 'reports', 'interop.json'),
}

/**
 * What a report says, or undefined if there is none. A file that threw before its first test, or has none,
 * counts as one failure: vitest itself counts only tests.
 */
export function readReport(path) {
  if (!existsSync(path)) return undefined
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((assertion) => assertion.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
    files: report.testResults.map((file) => file.name),
  }
}

/** The arguments that make vitest print for people and write a report for us. */
export function reporters(path) {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
}
