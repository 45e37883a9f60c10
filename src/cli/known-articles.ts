import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { findKnownArticles } from '../archive/known-articles.ts'
import { describeError } from '../model/errors.ts'
import type { KnownArticle } from '../model/known-article.ts'
import type { Settings } from '../runtime/settings.ts'
import { openArchive, type OpenArchive } from './services.ts'

/** A list page names a few dozen; more are of years ago. */
const maxKnown = 300

/**
 * What the archive has of a source, where there is an archive: none is made for it, and one that does not answer is no
 * reason to fail.
 * @returns `missing`: why nothing is known, in words for a person
 */
export async function knownArticles(
  sourceId: string,
  settings: Settings,
  log: Logger,
): Promise<{ articles: readonly KnownArticle[]; missing: string | null }> {
  if (!settings.DATABASE_URL && !existsSync(join(settings.NEWSFOLD_DATA, 'postgres'))) {
    return { articles: [], missing: `there is no archive in ${settings.NEWSFOLD_DATA}` }
  }
  let archive: OpenArchive
  try {
    archive = await openArchive(settings, log, { retryForMs: 0 })
  } catch (error) {
    return { articles: [], missing: `the archive cannot be asked (${describeError(error)})` }
  }
  try {
    const articles = await findKnownArticles(archive.database, sourceId, maxKnown)
    return { articles, missing: articles.length === 0 ? 'the archive has no article of this source' : null }
  } finally {
    await archive.close()
  }
}
