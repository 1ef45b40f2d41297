import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.config.ts'))

describe('examples', () => {
  it.each(programs)('%s runs to its end and prints something', (program) => {
    // The sources of the packages, so that the examples need no build.
    const args = ['--conditions=@ethwire/source', join(folder, program)]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).not.toBe('')
  })
})
