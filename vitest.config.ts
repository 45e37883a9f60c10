import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/global-setup.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores are what the smallest machine of a contributor has; embedded PostgreSQL needs one of them.
    maxWorkers: 2,
  },
})
