import { isStoryCursor, type StoryCursor, type StoryFilter } from '../archive/story-filter.ts'
import type { FoundStories, PlacedStory } from '../archive/stories.ts'

/** Which page of a feed: the newest stories, those behind or in front of one, or the oldest ones. */
export type FeedPlace =
  | { readonly kind: 'first' | 'last' }
  | { readonly kind: 'before' | 'after'; readonly cursor: StoryCursor }

/** The parameters that say it. */
export const placeParameters: ReadonlySet<string> = new Set(['before', 'after', 'page'])

/** Reads the place out of an address; `null` when it is none. */
export function readPlace(params: URLSearchParams): FeedPlace | null {
  const before = params.get('before')
  const after = params.get('after')
  const page = params.get('page')
  if ([before, after, page].filter((value) => value !== null).length > 1) return null
  if (before !== null) return isStoryCursor(before) ? { kind: 'before', cursor: before } : null
  if (after !== null) return isStoryCursor(after) ? { kind: 'after', cursor: after } : null
  if (page === null || page === '1' || page === 'first') return { kind: 'first' }
  return page === 'last' ? { kind: 'last' } : null
}

/** The address of a place in a feed. */
export function withPlace(file: string, search: URLSearchParams, place: FeedPlace): string {
  const params = new URLSearchParams(search)
  if (place.kind === 'last') params.set('page', 'last')
  if ('cursor' in place) params.set(place.kind, place.cursor)
  const query = params.toString()
  return query === '' ? file : `${file}?${query}`
}

/** What to ask the archive for: one story more than are shown, to know whether there are others. */
export function filterOfPlace(
  place: FeedPlace,
  items: number,
): Pick<StoryFilter, 'limit' | 'before' | 'after'> & {
  readonly isFromEnd?: boolean
} {
  const limit = items + 1
  if (place.kind === 'before') return { limit, before: place.cursor }
  if (place.kind === 'after') return { limit, after: place.cursor }
  return { limit, isFromEnd: place.kind === 'last' }
}

/** The stories of a page, and which pages are beside it (RFC 5005 §3). */
export interface PageOfStories {
  readonly stories: readonly PlacedStory[]
  readonly newer: FeedPlace | null
  readonly older: FeedPlace | null
}

/**
 * Takes off the one story too many and says what is beside the others: behind the place that a search came to in its
 * time it goes on.
 */
export function pageOfStories(
  { stories: found, reached }: FoundStories,
  place: FeedPlace,
  items: number,
): PageOfStories {
  const hasMore = found.length > items
  const isFromOld = place.kind === 'after' || place.kind === 'last'
  const stories = hasMore ? (isFromOld ? found.slice(1) : found.slice(0, items)) : found
  const first = stories[0]?.cursor
  const last = stories.at(-1)?.cursor
  const hasOlder = place.kind === 'after' || (!isFromOld && hasMore)
  const newest: FeedPlace = { kind: 'first' }
  const isNewest = place.kind === 'first' || (isFromOld && !hasMore)
  const newer: FeedPlace = isNewest || !first ? newest : { kind: 'after', cursor: first }
  const older: FeedPlace | null = hasOlder && last ? { kind: 'before', cursor: last } : null
  return {
    stories,
    newer: place.kind === 'first' ? null : isFromOld && reached !== null ? { kind: 'after', cursor: reached } : newer,
    older: !isFromOld && reached !== null ? { kind: 'before', cursor: reached } : older,
  }
}
