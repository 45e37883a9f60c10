import type { Newsroom } from '../../src/newsroom/newsroom.ts'
import { canonicalUrl } from '../../src/dedup/canonical-url.ts'
import type { ArchiveContents } from './archive-view.ts'

/** What an undisturbed crawl makes of the newsroom, which every disturbed one is held against. */
export interface Baseline {
  /** By canonical address: hashes of the texts that the publisher showed, the one before a correction first. */
  readonly texts: ReadonlyMap<string, readonly string[]>
  /** Announced, and yet not found by a crawl that nobody disturbed. */
  readonly neverFound: readonly string[]
}

/** Compares an undisturbed archive before and after the correction. */
export function baselineOf(newsroom: Newsroom, before: ArchiveContents, after: ArchiveContents): Baseline {
  const texts = new Map<string, readonly string[]>()
  for (const { canonicalUrl: key, contentHash } of after.articles) {
    const first = before.articles.find((article) => article.canonicalUrl === key)?.contentHash ?? contentHash
    texts.set(key, first === contentHash ? [contentHash] : [first, contentHash])
  }
  const neverFound = newsroom
    .expected()
    .map(({ url }) => url)
    .filter((url) => !texts.has(canonicalUrl(url)))
  return { texts, neverFound }
}

/** Whether everything is there as the publishers show it at this moment. */
export function isComplete(archive: ArchiveContents, baseline: Baseline, isCorrected: boolean): boolean {
  const hashes = new Map(archive.articles.map((article) => [article.canonicalUrl, article.contentHash]))
  return [...baseline.texts].every(([key, texts]) => hashes.get(key) === (isCorrected ? texts.at(-1) : texts[0]))
}

/** A fault by its name, and what it is about. */
export type Difference = readonly ['lost' | 'doubled' | 'torn' | 'wrongTexts', string]

/** Everything in an archive that is not as an undisturbed, corrected one. */
export function compare(archive: ArchiveContents, baseline: Baseline): Difference[] {
  const differences: Difference[] = archive.torn.map((what) => ['torn', what])
  for (const [key, texts] of baseline.texts) {
    const articles = archive.articles.filter((article) => article.canonicalUrl === key)
    const [article] = articles
    if (!article) {
      differences.push(['lost', key])
      continue
    }
    if (articles.length > 1) differences.push(['doubled', `${key} is in the archive ${articles.length} times`])
    const isAsShown =
      article.contentHash === texts.at(-1) && article.revisions.join() === texts.slice(-article.revisions.length).join()
    if (!isAsShown) {
      const seen = `${article.revisions.length} texts, last ${article.contentHash.slice(0, 8)}`
      differences.push(['wrongTexts', `${key}: ${seen}; its publisher showed ${texts.length}`])
    }
  }
  for (const { canonicalUrl: key } of archive.articles) {
    if (!baseline.texts.has(key)) differences.push(['doubled', `${key} is no announcement of its own`])
  }
  return differences
}
