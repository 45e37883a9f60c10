import type { StatedTime } from '../model/time.ts'
import { candidateKeys } from './candidate-keys.ts'
import { canonicalUrl } from './canonical-url.ts'
import { chooseStory, type Compared } from './choose-story.ts'
import { compare, type Verdict } from './compare.ts'
import { fingerprint, type Fingerprint } from './fingerprint.ts'

/** What the index needs to know of an article. */
export interface StoryArticle {
  readonly id: string
  readonly url: string
  readonly title: string
  /** Paragraphs joined by `\n`. */
  readonly bodyText: string
  readonly publishedAt: StatedTime | null
}

export interface StoryIndexOptions {
  /**
   * How far apart in time two articles of one story may be published, in days; articles without a time are compared with all.
   * Reprints follow within days; a text that comes again after a month (the yearly notice, the quarterly report) is news again.
   */
  readonly windowDays?: number
}

const defaultWindowDays = 30
const dayMs = 86_400_000
/** Articles kept under one key, the newest. What more share is a phrase of the trade, and a copy is near its original in time. */
const maxPerKey = 64
/** Articles compared with a new one, those with the most keys in common. */
const maxCompared = 24

interface Known {
  readonly id: string
  readonly storyId: string
  readonly print: Fingerprint
}

/**
 * Groups articles into stories as they arrive; a story never changes its id and an article never its story.
 * Keeps everything in memory. Fingerprints, keys, verdicts and the choice are the functions that a database's index uses too.
 */
export class StoryIndex {
  readonly #windowMs: number
  readonly #known = new Map<string, Known>()
  readonly #byUrl = new Map<string, string>()
  readonly #byKey = new Map<number, Known[]>()
  readonly #fullest = new Map<string, Known>()

  constructor(options: StoryIndexOptions = {}) {
    this.#windowMs = (options.windowDays ?? defaultWindowDays) * dayMs
  }

  /** @returns the id of the article's story, which is the id of the first article in it; an article that is known keeps its story */
  add(article: StoryArticle): string {
    const url = canonicalUrl(article.url)
    const before = this.#known.get(article.id) ?? this.#known.get(this.#byUrl.get(url) ?? '')
    if (before) {
      this.#known.set(article.id, before)
      return before.storyId
    }
    const print = fingerprint(article)
    const keys = candidateKeys(print)
    const choice = chooseStory(print, this.#compareWithStories(print, keys))
    const known = { id: article.id, storyId: choice?.storyId ?? article.id, print }
    this.#keep(known, keys, url)
    return known.storyId
  }

  /** Why two added articles are, or are not, the same news; `null` when one of them is not known. */
  explain(aId: string, bId: string): Verdict | null {
    const a = this.#known.get(aId)
    const b = this.#known.get(bId)
    return a && b ? compare(a.print, b.print) : null
  }

  #compareWithStories(print: Fingerprint, keys: readonly number[]): Compared[] {
    const compared = new Map<string, Compared>()
    const look = (known: Known) => {
      const verdict = compare(print, known.print)
      compared.set(known.id, { articleId: known.id, storyId: known.storyId, print: known.print, verdict })
      return verdict
    }
    for (const known of this.#candidates(print, keys)) {
      const fullest = this.#fullest.get(known.storyId)
      if (!compared.has(known.id) && look(known).same && fullest && !compared.has(fullest.id)) look(fullest)
    }
    return [...compared.values()]
  }

  #candidates(print: Fingerprint, keys: readonly number[]): Known[] {
    const shared = new Map<Known, number>()
    for (const key of keys) {
      for (const known of this.#byKey.get(key) ?? []) {
        if (this.#isInWindow(print, known.print)) shared.set(known, (shared.get(known) ?? 0) + 1)
      }
    }
    return [...shared]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, maxCompared)
      .map(([known]) => known)
  }

  #isInWindow(a: Fingerprint, b: Fingerprint): boolean {
    if (a.publishedAt === null || b.publishedAt === null) return true
    return Math.abs(a.publishedAt - b.publishedAt) <= this.#windowMs
  }

  #keep(known: Known, keys: readonly number[], url: string): void {
    this.#known.set(known.id, known)
    this.#byUrl.set(url, known.id)
    for (const key of keys) {
      const same = this.#byKey.get(key)
      if (!same) this.#byKey.set(key, [known])
      else {
        same.push(known)
        if (same.length > maxPerKey) same.shift()
      }
    }
    const fullest = this.#fullest.get(known.storyId)
    if (!fullest || fullest.print.words < known.print.words) this.#fullest.set(known.storyId, known)
  }
}
