import { ConfigurationError } from '../model/errors.ts'
import { didYouMean } from '../model/nearest-name.ts'
import type { Source } from '../model/source.ts'
import type { SourceFiles } from '../runtime/config-files.ts'

/**
 * The source of this id.
 * @throws {ConfigurationError} there is none, with the nearest ids; or its file is wrong, with what is wrong
 */
export function findSource(files: SourceFiles, id: string): Source {
  const source = files.sources.find((source) => source.id === id)
  if (source) return source
  const broken = files.broken.find((source) => source.id === id)
  if (broken) throw new ConfigurationError('source.broken', broken.problem)
  const ids = files.sources.map((source) => source.id)
  const says = `There is no source "${id}"${didYouMean(id, ids) || '.'} "newsfold source list" names them all.`
  throw new ConfigurationError('source.unknown', says)
}
