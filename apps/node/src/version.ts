import { readFileSync } from 'node:fs'

/** The version in package.json, which is beside both `src` and `dist`. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
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
