import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A program in a document. */
export interface Snippet {
  /** File and line, for people. */
  readonly source: string
  readonly code: string
}

/** The folders of all packages. */
export const packages: readonly string[] = readdirSync(join(root, 'packages')).sort()

/** What the package's page in a registry says. */
export function readme(name: string): string {
  return readFileSync(join(root, 'packages', name, 'README.md'), 'utf8')
}

/** The export paths of a package, as one imports them. */
export function entries(name: string): readonly string[] {
  const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> }
  return Object.keys(exports).map((path) => `@ethwire/${name}${path.slice(1)}`)
}

/** The example of a package without the comment that begins it. */
export function exampleProgram(name: string): string {
  return readFileSync(join(root, 'examples', `${name}.ts`), 'utf8').replace(/^(\/\/.*\n)+\n*/, '')
}

/** The TypeScript in a text of Markdown. */
export function fencedPrograms(markdown: string, source: string): readonly Snippet[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => {
    const line = markdown.slice(0, match.index).split('\n').length
    return { source: `${source}:${line}`, code: match[1] ?? '' }
  })
}

/** The `@example`s in the docstrings of a package: each ends with its docstring or at the next tag. */
export function docstringPrograms(name: string): readonly Snippet[] {
  const folder = join(root, 'packages', name, 'src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...text.matchAll(/^ *\* @example\n((?: *\*(?: (?!@).*)?\n)+)/gm)].map((match) => {
      const line = text.slice(0, match.index).split('\n').length
      return { source: `packages/${name}/src/${file}:${line}`, code: (match[1] ?? '').replace(/^ *\* ?/gm, '') }
    })
  })
}
