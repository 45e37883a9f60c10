import type { Candidate } from './candidate.ts'
import { placeKeyOf } from './listing-step.ts'
import type { ListingProgress } from './listing-way.ts'
import type { RunContext } from './run-context.ts'

/** A list page, and what no page before it had named. */
export interface ReadListPage {
  readonly url: string
  readonly candidates: readonly Candidate[]
}

/**
 * Keeps where a backfill goes on: one page before the first of whose articles not all are settled, since lists become
 * shorter when articles are taken out of them.
 * @param pages those that this run has read, in order
 */
export async function keepListPlace(
  { source, ports }: RunContext,
  { listing, place, isMap }: ListingProgress,
  pages: readonly ReadListPage[],
): Promise<void> {
  const open = pages.findIndex(({ candidates }) => candidates.some(({ fate }) => fate !== 'done'))
  const index = Math.max(0, (open < 0 ? pages.length : open) - 1)
  const page = pages[index]
  // Sitemaps name each other in no order that could be gone on in, and are few.
  if (!page || isMap) return
  await ports.places?.save(source.id, listing.url, {
    settingsKey: placeKeyOf(listing),
    pageUrl: page.url,
    pagesBefore: (place?.pagesBefore ?? 0) + index,
  })
}
