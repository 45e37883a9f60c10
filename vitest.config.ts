import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const isOfProgram = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/cli/')

/** Tests of whole programs take longest, small as some of their files are: begun first, none is left alone at the end. */
class ProgramsFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => Number(isOfProgram(b)) - Number(isOfProgram(a))))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/global-setup.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    sequence: { sequencer: ProgramsFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // On the smallest machine, of two cores: tests of whole programs mostly wait for what these do next.
    maxWorkers: 4,
  },
})
