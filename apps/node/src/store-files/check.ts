import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../errors.ts'
import { checkLogFile } from './log-file.ts'
import { liveTables } from './manifest-file.ts'
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
  const manifest = current.trim()
  const manifestBytes = (await readBounded(join(directory, manifest), maxCheckedBytes)) ?? new Uint8Array(0)
  const problem = checkFile(manifest, manifestBytes)
  if (problem !== undefined) return damage(join(directory, manifest), problem)
  const live = liveTables(manifestBytes)
  let cut: StoreFinding | undefined
  let left = maxCheckedBytes - manifestBytes.length
  for (const name of names
    .filter((other) => isPart(other, live))
    .sort()
    .reverse()) {
    const file = join(directory, name)
    const bytes = await readBounded(file, Math.max(left, wholeMegabyte))
    if (bytes === undefined) continue
    left -= bytes.length
    const found = checkFile(name, bytes)
    if (found === undefined) continue
    if (found !== 'cut' || !name.endsWith('.log')) return damage(file, found)
    cut ??= { file, problem: 'cut off', harmless: true }
  }
  return cut
}

/** Logs, and the tables that the database consists of: a broken-off compaction leaves others, unfinished ones too. */
function isPart(name: string, live: ReadonlySet<number> | undefined): boolean {
  const [, number, kind] = /^(\d+)\.(log|ldb)$/.exec(name) ?? []
  return kind === 'log' || (kind === 'ldb' && live?.has(Number(number)) === true)
}

function damage(file: string, problem: string): StoreFinding {
  return { file, problem: problem === 'cut' ? 'cut off' : problem, harmless: false }
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
