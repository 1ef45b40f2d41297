import { readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Moves a damaged store aside, so that a new one can begin in its place: `chaindata.corrupt-1`, `-2`, …
 * @returns Where it is now
 */
export async function quarantine(path: string): Promise<string> {
  const names = new Set(await readdir(dirname(path)))
  let number = 1
  while (names.has(`${basename(path)}.corrupt-${number}`)) number++
  const target = join(dirname(path), `${basename(path)}.corrupt-${number}`)
  await rename(path, target)
  return target
}
