import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  docstringPrograms,
  entries,
  exampleProgram,
  fencedPrograms,
  packages,
  readme,
  type Snippet,
} from './documents.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = join(import.meta.dirname, '..', '.documents')

describe.each(packages)('the README of %s', (name) => {
  const text = readme(name)
  const [shortest] = fencedPrograms(text, name)

  it('has its parts in their order', () => {
    const headings = [...text.matchAll(/^#+ .*$/gm)].map(([heading]) => heading)
    const wanted = [`# @ethwire/${name}`, '## API', '## What can be swapped', '## Limits and security']
    expect(headings.filter((heading) => wanted.includes(heading))).toEqual(wanted)
  })

  it('begins with the program in examples, which is run', () => {
    expect(shortest?.code).toBe(exampleProgram(name))
  })

  it('installs what its program imports', () => {
    const installed = /^npm install (?:--save-dev )?(.+)$/m.exec(text)?.[1]?.split(' ') ?? []
    expect(installed[0]).toBe(`@ethwire/${name}`)
    const imported = [...(shortest?.code ?? '').matchAll(/ from '((?:@[^/']+\/)?[^/']+)/g)].map((match) => match[1])
    expect(
      imported.filter((specifier) => !specifier?.startsWith('node:') && !installed.includes(`${specifier}`)),
    ).toEqual([])
  })

  it.each(entries(name))('names everything that %s exports', async (entry) => {
    const exported = Object.keys((await import(entry)) as object)
    const words = new Set(text.match(/\w+/g))
    expect(exported.filter((word) => !words.has(word))).toEqual([])
  })
})

describe('programs in docstrings, and further ones in READMEs', () => {
  const snippets: readonly Snippet[] = packages.flatMap((name) => [
    ...docstringPrograms(name),
    ...fencedPrograms(readme(name), `packages/${name}/README.md`).slice(1),
  ])
  const fileName = ({ source }: Snippet): string => `${source.replace(/\W+/g, '-')}.ts`

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    const settings = {
      extends: '../tsconfig.json',
      include: ['*.ts'],
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    for (const snippet of snippets) writeFileSync(join(folder, fileName(snippet)), snippet.code)
  })

  it('are in every package', () => {
    const without = packages.filter((name) => docstringPrograms(name).length === 0)
    expect(without).toEqual([])
  })

  it('have right types', () => {
    const bin = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    expect(existsSync(bin)).toBe(true)
    const { status, stdout } = spawnSync(process.execPath, [bin, '--noEmit', '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  it('run to their end', () => {
    const imports = snippets.map((snippet) => `await import('./${fileName(snippet)}')`)
    writeFileSync(join(folder, 'all.mjs'), imports.join('\n'))
    const args = ['--conditions=@ethwire/source', join(folder, 'all.mjs')]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})
