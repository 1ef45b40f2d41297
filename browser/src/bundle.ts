import { type BuildResult, build } from 'esbuild'

const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2023',
  // No import of Node's modules resolves for a browser, and nothing is left out of the bundle: one behind any of the
  // packages ends the build with its name.
  platform: 'browser',
  write: false,
  metafile: true,
  logLevel: 'silent',
  absWorkingDir: import.meta.dirname,
} as const

type Bundle = BuildResult<typeof shared>

/** The page's script with everything behind it, as the packages are published: from `dist`, not from `src`. */
export async function bundlePage(): Promise<string> {
  return text(await build({ ...shared, entryPoints: ['page.ts'] }))
}

/** Everything behind one import, and the files that it is made of. */
export async function bundlePackage(specifier: string): Promise<{ text: string; inputs: readonly string[] }> {
  const stdin = { contents: `export * from '${specifier}'`, resolveDir: import.meta.dirname }
  const result = await build({ ...shared, stdin, minify: true })
  return { text: text(result), inputs: Object.keys(result.metafile.inputs) }
}

function text({ outputFiles: [file] }: Bundle): string {
  if (file === undefined) throw new Error('esbuild has written nothing')
  return file.text
}
