import { readdirSync } from 'node:fs'
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
  return (value: unknown): unknown => (typeof value === 'object' && value !== null ? { id, ...value } : value)
}

function readSourceFile(file: string): Source {
  const id = basename(file, '.yaml')
  const source = readYamlFile(file, sourceSchema, withId(id))
  if (source.id !== id) {
    throw new ConfigurationError(
      'config.wrong-id',
      `${file}: id: expected "${id}" as the file is named, got "${source.id}". Leave "id" out, or rename the file.`,
    )
  }
  if (source.schedule.cron !== undefined) {
    try {
      CronExpressionParser.parse(source.schedule.cron, { tz: source.schedule.timeZone ?? source.timeZone })
    } catch (cause) {
      throw new ConfigurationError(
        'config.bad-cron',
        `${file}: schedule.cron: expected five or six fields such as "*/10 8-18 * * 1-5", ` +
          `got "${source.schedule.cron}" (${describeError(cause)})`,
        cause,
      )
    }
  }
  return source
}

/** Reads every file of `<config>/sources`. A wrong file is reported and left out. */
export function readSourceFiles(configFolder: string): SourceFiles {
  const folder = join(configFolder, 'sources')
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
      sources.push(readSourceFile(file))
    } catch (error) {
      broken.push({ id: basename(name, '.yaml'), file, problem: describeError(error) })
    }
  }
  return { sources, broken }
}

/**
 * Reads `<config>/feeds.yaml`.
 * @throws {ConfigurationError} the file is missing or wrong
 */
export function readFeedsFile(configFolder: string): readonly FeedDefinition[] {
  return readYamlFile(join(configFolder, 'feeds.yaml'), feedsFileSchema).feeds
}
