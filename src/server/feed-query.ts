import type { StoryFilter } from '../archive/story-filter.ts'
import { ConfigurationError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import { nearestName } from '../model/nearest-name.ts'
import type { Source } from '../model/source.ts'
import type { PhraseQuery, TextQuery } from '../model/text-query.ts'
import { parseQuery } from '../search/parse-query.ts'
import { phraseQuery } from '../search/phrase.ts'
import { QueryError } from '../search/query-error.ts'

/** Which stories a feed shows, its place in the archive and the day aside. */
export type FeedQuery = Pick<StoryFilter, 'sourceIds' | 'languages' | 'text' | 'order'> & {
  readonly maxAgeMs: number | null
}

function sourceIdsOf(feed: FeedDefinition, sources: ReadonlyMap<string, Source>): readonly string[] | null {
  const { tags, publishers } = feed
  if (!tags && !publishers) return feed.sources ?? null
  const fitting = [...sources.values()].filter(
    (source) =>
      (!tags || source.tags.some((tag) => tags.includes(tag))) &&
      (!publishers || (source.publisher !== undefined && publishers.includes(source.publisher))),
  )
  const ids = fitting.map(({ id }) => id)
  return feed.sources ? feed.sources.filter((id) => ids.includes(id)) : ids
}

function phrasesOf(
  feed: FeedDefinition,
  key: string,
  words: readonly string[] | undefined,
  scope: PhraseQuery['scope'],
): TextQuery[] {
  return (words ?? []).map((word) => {
    const phrase = phraseQuery(word, scope)
    if (phrase) return phrase
    throw new ConfigurationError(
      'feed.bad-word',
      `Feed "${feed.id}": ${key}: expected letters, digits or Chinese characters, got ${JSON.stringify(word)}. ` +
        'Mend it in config/feeds.yaml.',
    )
  })
}

function wordsQuery(feed: FeedDefinition, key: 'words' | 'titleWords'): TextQuery[] {
  const words = feed[key]
  const scope = key === 'words' ? 'text' : 'title'
  const any = phrasesOf(feed, `${key}.any`, words?.any, scope)
  const none = phrasesOf(feed, `${key}.none`, words?.none, scope).map((part): TextQuery => ({ kind: 'not', part }))
  return [
    ...(any.length > 0 ? [{ kind: 'or', parts: any } as const] : []),
    ...phrasesOf(feed, `${key}.all`, words?.all, scope),
    ...none,
  ]
}

function parsedQuery(feed: FeedDefinition): TextQuery[] {
  if (feed.query === undefined) return []
  try {
    const query = parseQuery(feed.query)
    return query ? [query] : []
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new ConfigurationError(
      'feed.bad-query',
      `Feed "${feed.id}": query: ${error.message} Mend it in config/feeds.yaml.`,
      error,
    )
  }
}

/** Names in a definition that no source has: what is chosen by them alone stays empty. One line each. */
export function unknownNames(feed: FeedDefinition, sources: ReadonlyMap<string, Source>): string[] {
  const all = [...sources.values()]
  const known = {
    sources: [...sources.keys()],
    tags: all.flatMap((source) => source.tags),
    publishers: all.flatMap(({ publisher }) => publisher ?? []),
  }
  return (['sources', 'tags', 'publishers'] as const).flatMap((key) => {
    const names: readonly string[] = known[key]
    const unknown = (feed[key] ?? []).filter((name) => !names.includes(name))
    return unknown.map((name) => {
      const nearest = nearestName(name, names)
      return `feed "${feed.id}": ${key}: no source has "${name}"${nearest ? `; did you mean "${nearest}"?` : ''}`
    })
  })
}

function amongVisible(ids: readonly string[] | null, visible: ReadonlySet<string> | null): readonly string[] | null {
  if (visible === null) return ids
  return ids === null ? [...visible] : ids.filter((id) => visible.has(id))
}

/**
 * What a feed's definition asks the archive for.
 * @param visible ids of the sources whose stories may be in it; `null`: of all
 * @throws {ConfigurationError} the query or a word of the definition cannot be searched for
 */
export function feedQueryOf(
  feed: FeedDefinition,
  sources: ReadonlyMap<string, Source>,
  visible: ReadonlySet<string> | null = null,
): FeedQuery {
  const parts = [...parsedQuery(feed), ...wordsQuery(feed, 'words'), ...wordsQuery(feed, 'titleWords')]
  return {
    sourceIds: amongVisible(sourceIdsOf(feed, sources), visible),
    languages: feed.languages ?? null,
    text: parts.length === 0 ? null : { kind: 'and', parts },
    order: feed.order,
    maxAgeMs: feed.maxAge ?? null,
  }
}
