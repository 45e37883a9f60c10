import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/global-setup.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // On the smallest machine, of two cores: tests of whole programs mostly wait for what these do next.
    maxWorkers: 4,
  },
})
