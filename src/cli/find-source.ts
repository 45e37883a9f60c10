import { ConfigurationError } from '../model/errors.ts'
import { nearestName } from '../model/nearest-name.ts'
import type { Source } from '../model/source.ts'
import type { SourceFiles } from '../runtime/config-files.ts'

/**
 * The source of this id.
 * @throws {ConfigurationError} there is none, with the nearest id; or its file is wrong, with what is wrong
 */
export function findSource(files: SourceFiles, id: string): Source {
  const source = files.sources.find((source) => source.id === id)
  if (source) return source
  const broken = files.broken.find((source) => source.id === id)
  if (broken) throw new ConfigurationError('source.broken', broken.problem)
  const nearest = nearestName(
    id,
    files.sources.map((source) => source.id),
  )
  throw new ConfigurationError(
    'source.unknown',
    `There is no source "${id}"${nearest ? `; did you mean "${nearest}"?` : ''}. "newsfold source list" names them all.`,
  )
}
