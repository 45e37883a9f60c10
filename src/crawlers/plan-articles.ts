import type { SkipReason } from '../model/crawl-run.ts'
import { describeError } from '../model/errors.ts'
import { parseHttpUrl } from './address-guard.ts'
import { settle, skip } from './article-step.ts'
import { decide, newestFirst, type Candidate } from './candidate.ts'
import type { DuePage } from './crawl-ports.ts'
import { withoutFragment } from './listing-step.ts'
import type { RunContext } from './run-context.ts'

/** Share of a run that pages of earlier runs may take, so that neither they nor the news starve. */
const dueShare = 0.25

/**
 * Settles what needs no request, and says which pages to ask for: the news newest first, then what is due.
 * Due pages that no listing names join the candidates. A backfill leaves what is due to the crawls of the schedule.
 */
export async function planArticles(
  context: RunContext,
  candidates: Map<string, Candidate>,
): Promise<readonly Candidate[]> {
  const { source, ports, options } = context
  const limit = source.maxArticlesPerRun
  const now = ports.now()
  const due = ports.places ? [] : await ports.duePages(source.id, now, Math.max(1, Math.floor(limit * dueShare)))
  const keyOf = (url: string) => (candidates.has(url) ? url : (options.urlKey ?? withoutFragment)(url))
  const dueByKey = new Map(due.map((page) => [keyOf(page.url), page]))

  const toFetch: Candidate[] = []
  for (const candidate of newestFirst([...candidates.values()])) {
    const isDue = dueByKey.has(candidate.key)
    const decision = decide(candidate, { now, maxAgeMs: source.maxAge ?? null, isDue })
    switch (decision.kind) {
      case 'fetch':
        if (isAskable(context, candidate)) toFetch.push(candidate)
        break
      case 'unchanged':
        settle(context, candidate, 'unchanged')
        break
      case 'skip':
        skip(context, candidate, { reason: decision.reason, fate: 'done' })
    }
  }
  const unlisted = [...dueByKey]
    .filter(([key]) => !candidates.has(key))
    .map(([key, page]) => unlistedCandidate(key, page))
  for (const candidate of unlisted) candidates.set(candidate.key, candidate)
  context.tally.found += unlisted.length
  ports.progress?.({ kind: 'found', count: unlisted.length })

  const news = toFetch.slice(0, Math.max(0, limit - unlisted.length))
  for (const candidate of toFetch.slice(news.length)) skip(context, candidate, { reason: 'run-limit', fate: 'left' })
  return [...news, ...unlisted]
}

/** Settles what is no address to ask for. */
function isAskable(context: RunContext, candidate: Candidate): boolean {
  try {
    return parseHttpUrl(candidate.url).href !== ''
  } catch (error) {
    context.tally.addError(`Source "${context.source.id}": ${describeError(error)}`)
    skip(context, candidate, { reason: 'refused', fate: 'done' })
    return false
  }
}

function unlistedCandidate(key: string, page: DuePage): Candidate {
  const seen = { title: page.item?.title ?? null, statedAt: page.item?.publishedAt?.at ?? null }
  const { url, item } = page
  const unlisted = { changedAt: null, isOffSite: false, isAnyPage: false }
  return { key, url, item, feedItem: null, seen, known: page, ...unlisted, fate: 'open' }
}

/** Counts what a run has found and not come to. */
export function settleLeftovers(context: RunContext, candidates: readonly Candidate[], reason: SkipReason): void {
  for (const candidate of candidates) {
    if (candidate.fate === 'open') skip(context, candidate, { reason, fate: 'left' })
  }
}
