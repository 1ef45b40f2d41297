import { fileURLToPath } from 'node:url'
import type { UserWorkspaceConfig } from 'vitest/config'

// Packages see each other's sources, so that tests need no build. The rest is Vite's default for code that runs in Node.
const conditions = ['@ethwire/source', 'module', 'node', 'development|production']

// A fuzz run gives each property this long; see `npm run fuzz`.
const fuzzMs = Number(process.env.ETHWIRE_FUZZ_MS ?? 0)

/** What every project tests alike. */
export const shared: UserWorkspaceConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.{test,fuzz}.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    setupFiles: [fileURLToPath(new URL('./vitest.setup.ts', import.meta.url))],
    testTimeout: 20_000 + 20 * fuzzMs,
    hookTimeout: 20_000,
  },
}
