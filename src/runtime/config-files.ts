import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CronExpressionParser } from 'cron-parser'
import { ConfigurationError, describeError } from '../model/errors.ts'
import { feedsFileSchema, type FeedDefinition } from '../model/feed-definition.ts'
import { sourceSchema, type Source } from '../model/source.ts'
import { readYamlFile } from './yaml-file.ts'

/** A source file that cannot be used, and why; the others go on. */
export interface BrokenSource {
  readonly id: string
  readonly file: string
  readonly problem: string
}

export interface SourceFiles {
  readonly sources: readonly Source[]
  readonly broken: readonly BrokenSource[]
}

/** Fills in the id that the file's name gives. */
function withId(id: string) {
  return (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? { id, ...value } : value
}

/** What is wrong with cron fields; `null` when they name instants to come. */
function cronProblem(cron: string, zone: string): string | null {
  const fields = cron.trim().split(/\s+/).length
  // Missing fields would be filled in by the parser: "10" for every day of the week 10.
  if (!cron.startsWith('@') && (fields < 5 || fields > 6)) return cron.trim() === '' ? 'no field' : `${fields} fields`
  try {
    CronExpressionParser.parse(cron, { tz: zone }).next()
    return null
  } catch (error) {
    return describeError(error)
  }
}

const sourceFileSchema = sourceSchema.superRefine(({ schedule, timeZone }, context) => {
  if (schedule.cron === undefined) return
  const problem = cronProblem(schedule.cron, schedule.timeZone ?? timeZone)
  if (problem === null) return
  context.addIssue({
    code: 'custom',
    path: ['schedule', 'cron'],
    message: `expected five or six fields such as "*/10 8-18 * * 1-5", got "${schedule.cron}" (${problem})`,
  })
})

/** Files are named by the source that they hold. */
export function sourceIdOfFile(file: string): string {
  return basename(file, '.yaml')
}

/**
 * Reads one source file.
 * @throws {ConfigurationError} it cannot be read, or is wrong
 */
export function readOneSource(file: string): Source {
  const id = sourceIdOfFile(file)
  const source = readYamlFile(file, sourceFileSchema, withId(id))
  if (source.id !== id) {
    throw new ConfigurationError(
      'config.wrong-id',
      `${file}: id: expected "${id}" as the file is named, got "${source.id}". Leave "id" out, or rename the file.`,
    )
  }
  return source
}

/** Where the file of a source is. */
export function sourceFile(configFolder: string, id: string, name: SourceFolder = 'sources'): string {
  return join(configFolder, name, `${id}.yaml`)
}

/** `sources` are read on schedule; `catalogue` holds ready-made files that wait to be taken over. */
export type SourceFolder = 'sources' | 'catalogue'

/** Reads every file of `<config>/sources`, or of the catalogue. A wrong file is reported and left out. */
export function readSourceFiles(configFolder: string, name: SourceFolder = 'sources'): SourceFiles {
  const folder = join(configFolder, name)
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    throw new ConfigurationError(
      'config.no-sources',
      `Cannot read ${folder}: ${describeError(cause)}. Make the folder, or set NEWSFOLD_CONFIG to the one that has it.`,
      cause,
    )
  }
  const sources: Source[] = []
  const broken: BrokenSource[] = []
  for (const name of names.filter((name) => name.endsWith('.yaml')).toSorted()) {
    const file = join(folder, name)
    try {
      sources.push(readOneSource(file))
    } catch (error) {
      broken.push({ id: sourceIdOfFile(name), file, problem: describeError(error) })
    }
  }
  return { sources, broken }
}

/** Of a text that may be no YAML, so what is not plainly public is private: `private: yes`, `{ "private": true }`. */
const saysPrivate = /\bprivate\b["']?\s*:(?!\s*["']?(?:false|no|off)\b)/i

/**
 * To be asked before anything is shown to everybody. While another source is private, what is unknown is hidden anyway.
 * @throws {ConfigurationError} a file that is wrong says that its source is private: left out, it would be public
 */
export function checkPrivacy({ sources, broken }: SourceFiles): void {
  if (sources.some((source) => source.private)) return
  const open = broken.find(({ file }) => saysPrivate.test(readFileSync(file, 'utf8')))
  if (!open) return
  throw new ConfigurationError(
    'config.private-source',
    `${open.problem}\nIts source is private, and without this file its articles would be shown to everybody. Mend it first.`,
  )
}

/**
 * Reads `<config>/feeds.yaml`.
 * @throws {ConfigurationError} the file is missing or wrong
 */
export function readFeedsFile(configFolder: string): readonly FeedDefinition[] {
  return readYamlFile(join(configFolder, 'feeds.yaml'), feedsFileSchema).feeds
}
