import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const isOfProgram = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/cli/')

/** Tests of whole programs take longest, small as some of their files are: begun first, none is left alone at the end. */
class ProgramsFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => Number(isOfProgram(b)) - Number(isOfProgram(a))))
  }
}

/** They start processes, and each holds its own. */
const programs = ['test/cli/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['./test/global-setup.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    sequence: { sequencer: ProgramsFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // On the smallest machine, of two cores: tests of whole programs mostly wait for what these do next.
    maxWorkers: 4,
    projects: [
      { extends: true, test: { name: 'programs', include: programs } },
      // Loading Fastify, BullMQ and Crawlee anew for each file took a third of what these cost.
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: programs, isolate: false } },
    ],
  },
})
