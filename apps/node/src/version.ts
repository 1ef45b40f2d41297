import { readFileSync } from 'node:fs'
import { packageFile } from './package-file.ts'

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }
  return version
}

/** The name in Hello and `web3_clientVersion`, built as geth builds its own. */
export function clientName(identity?: string): string {
  const parts = [
    'ethwire',
    `v${packageVersion()}`,
    `${process.platform}-${process.arch}`,
    `node${process.versions.node}`,
  ]
  if (identity !== undefined) parts.splice(1, 0, identity)
  return parts.join('/')
}
