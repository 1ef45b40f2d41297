import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    name: '@ethwire/interop',
    include: ['test/**/*.test.ts'],
    globalSetup: ['src/build.ts'],
    // Each file starts several processes that keep a core busy each.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
})
