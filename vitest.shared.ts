import type { UserWorkspaceConfig } from 'vitest/config'

// Packages see each other's sources, so that tests need no build. The rest is Vite's default for code that runs in Node.
const conditions = ['@ethwire/source', 'module', 'node', 'development|production']

/** What every project tests alike. */
export const shared: UserWorkspaceConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.{test,fuzz}.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
}
