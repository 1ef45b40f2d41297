import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../errors.ts'
import { checkLogFile } from './log-file.ts'
import { checkTableFile } from './table-file.ts'

export interface StoreFinding {
  readonly file: string
  readonly problem: string
  /** Whether a crash leaves such a file, too: what is in it before that is good. */
  readonly harmless: boolean
}

/** About 3 s. What is above is found when it is read, if at all: LevelDB compares no checksums of its own accord. */
const maxCheckedBytes = 1024 * 1024 * 1024
const wholeMegabyte = 1024 * 1024

/**
 * Reads a LevelDB's files, which nobody may be writing to, the newest first, and compares all checksums.
 * @returns The first that is damaged, else the first that is cut off
 */
export async function checkStoreFiles(directory: string): Promise<StoreFinding | undefined> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  if (!names.includes('CURRENT')) {
    // A new store; with tables or a manifest it is one that has lost its beginning.
    const left = names.find(
      (name) => /\.ldb$|^MANIFEST-/.test(name) && !names.some((other) => other.endsWith('.dbtmp')),
    )
    return left === undefined ? undefined : { file: join(directory, 'CURRENT'), problem: 'missing', harmless: false }
  }
  const current = await readFile(join(directory, 'CURRENT'), 'latin1')
  if (!/^MANIFEST-\d+\n$/.test(current))
    return { file: join(directory, 'CURRENT'), problem: 'it names no manifest', harmless: false }
  if (!names.includes(current.trim()))
    return { file: join(directory, current.trim()), problem: 'missing', harmless: false }
  let cut: StoreFinding | undefined
  let left = maxCheckedBytes
  for (const name of [
    current.trim(),
    ...names
      .filter((other) => /^\d+\.(?:log|ldb)$/.test(other))
      .sort()
      .reverse(),
  ]) {
    const file = join(directory, name)
    const bytes = await readBounded(file, Math.max(left, wholeMegabyte))
    if (bytes === undefined) continue
    left -= bytes.length
    const problem = checkFile(name, bytes)
    if (problem === undefined) continue
    if (problem !== 'cut' || !name.endsWith('.log')) {
      return { file, problem: problem === 'cut' ? 'cut off' : problem, harmless: false }
    }
    cut ??= { file, problem: 'cut off', harmless: true }
  }
  return cut
}

/** Undefined for a file that is longer, or gone: LevelDB itself misses what it needs. */
async function readBounded(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    return (await stat(file)).size > maxBytes ? undefined : await readFile(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function checkFile(name: string, bytes: Uint8Array): string | undefined {
  if (name.endsWith('.ldb')) return checkTableFile(bytes)
  if (bytes.length === 0 && !name.endsWith('.log')) return 'empty'
  return checkLogFile(bytes)
}
