import { parseArgs } from 'node:util'
import type { Database } from '../src/archive/database.ts'
import { ConfigurationError, describeError } from '../src/model/errors.ts'
import { generateArchive } from './generated-archive.ts'

const defaultStories = 100_000

function read(options: readonly string[]): { readonly stories: number; readonly keep: string | null } {
  try {
    const { values } = parseArgs({
      args: [...options],
      options: { stories: { type: 'string' }, keep: { type: 'string' } },
    })
    const stories = Number(values.stories ?? defaultStories)
    if (!Number.isSafeInteger(stories) || stories < 1) throw new Error('--stories: expected a number of stories')
    return { stories, keep: values.keep ?? null }
  } catch (error) {
    throw new ConfigurationError(
      'bench.options',
      `${describeError(error)}. Options are --stories <number> and --keep <folder>, where the archive stays for the next run.`,
    )
  }
}

/** A generated archive as the options of a measurement ask for it. */
export async function openGeneratedArchive(
  measurement: string,
  options: readonly string[],
): Promise<{ readonly database: Database; readonly count: number; readonly close: () => Promise<void> }> {
  const { stories: count, keep } = read(options)
  const { database, tookMs, close } = await generateArchive(count, keep)
  const origin = tookMs === null ? `kept in ${keep}` : `generated and indexed in ${Math.round(tookMs / 1000)} s`
  process.stdout.write(`${measurement} archive: ${count} stories, ${origin}\n`)
  return { database, count, close }
}
