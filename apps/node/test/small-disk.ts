import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './support.ts'

/** A directory on a file system of its own; undefined where mounting is not allowed. */
export async function smallDisk(megabytes: number): Promise<{ path: string; grow(to: number): void } | undefined> {
  const path = await temporaryDirectory()
  const mount = (options: string): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'ignore' })
  try {
    mount(`size=${megabytes}m`)
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', path]))
  return { path, grow: (to) => mount(`remount,size=${to}m`) }
}
