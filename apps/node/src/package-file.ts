import { fileURLToPath } from 'node:url'

/** The path of a file of this package; the code is one folder below the package's root, as source and when built. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url))
}
