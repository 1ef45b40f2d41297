import type { Options } from 'tsup'

/** What every package builds alike. Declarations come from `tsc`, as TypeScript 7 has no compiler API for tsup to use. */
export const shared: Options = {
  format: 'esm',
  target: 'es2023',
  platform: 'node',
  dts: false,
  sourcemap: true,
  splitting: true,
  clean: true,
  silent: true,
}
