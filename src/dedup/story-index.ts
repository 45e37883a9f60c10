import type { StatedTime } from '../model/time.ts'
import { candidateKeys } from './candidate-keys.ts'
import { canonicalUrl } from './canonical-url.ts'
import { compare, type Verdict } from './compare.ts'
import {
  datedByStory,
  decideStory,
  leastSharedKeys,
  maxCandidates,
  maxPerKey,
  type KnownArticle,
} from './decide-story.ts'
import { decodeFingerprint, encodeFingerprint } from './fingerprint-bytes.ts'
import { fingerprint, type Fingerprint } from './fingerprint.ts'
import { PostingTable } from './posting-table.ts'

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

export const storyWindowDays = 30
const dayMs = 86_400_000
/** Of so many different stories a paragraph is no news: on their publisher's authority it stands under every release. */
export const boilerplateStories = 3

const storiesAtMost = 2 ** 32

interface Known {
  readonly id: string
  readonly story: number
  /** Encoded: a fingerprint is asked for seldom and kept long. */
  readonly print: Uint8Array
}

/**
 * Groups articles into stories as they arrive; a story never changes its id and an article never its story.
 * Keeps everything in memory, 2 KB an article. Fingerprints, keys, verdicts and the choice are functions of values,
 * so that an index in a database decides alike.
 */
export class StoryIndex {
  readonly #windowMs: number
  readonly #articles: Known[] = []
  readonly #numbers = new Map<string, number>()
  readonly #byUrl = new Map<string, number>()
  readonly #byKey = new PostingTable()
  /** The member with the most words of each story that has several, by the story's first article. */
  readonly #fullest = new Map<number, { article: number; words: number }>()
  /** How many stories had a paragraph (times `storiesAtMost`), and the last of them: one number, for there are millions. */
  readonly #paragraphs = new Map<number, number>()

  constructor(options: StoryIndexOptions = {}) {
    this.#windowMs = (options.windowDays ?? storyWindowDays) * dayMs
  }

  /** @returns the id of the article's story, which is the id of the first article in it; an article that is known keeps its story */
  add(article: StoryArticle): string {
    const url = canonicalUrl(article.url)
    const before = this.#numbers.get(article.id) ?? (namesPage(url) ? this.#byUrl.get(url) : undefined)
    if (before !== undefined) {
      this.#numbers.set(article.id, before)
      return this.#storyId(before)
    }
    const print = fingerprint(article)
    const keys = candidateKeys(print)
    const choice = decideStory(print, {
      candidates: this.#candidates(keys),
      fullestOf: (storyId) => this.#fullestOf(storyId),
      windowMs: this.#windowMs,
      isBoilerplate: this.#isBoilerplate,
    })
    const number = this.#articles.length
    const story = choice === null ? number : (this.#numbers.get(choice.storyId) ?? number)
    this.#keep({ id: article.id, story, print: encodeFingerprint(datedByStory(print, choice)) }, print, keys, url)
    return this.#storyId(number)
  }

  /** Why two added articles are, or are not, the same news; `null` when one of them is not known. */
  explain(aId: string, bId: string): Verdict | null {
    const a = this.#printOf(this.#numbers.get(aId))
    const b = this.#printOf(this.#numbers.get(bId))
    return a && b ? compare(a, b, this.#isBoilerplate) : null
  }

  readonly #isBoilerplate = (paragraph: number): boolean =>
    (this.#paragraphs.get(paragraph) ?? 0) >= boilerplateStories * storiesAtMost

  #storyId(number: number): string {
    const story = this.#articles[this.#articles[number]?.story ?? number]
    return story?.id ?? ''
  }

  #printOf(number: number | undefined): Fingerprint | null {
    const known = number === undefined ? undefined : this.#articles[number]
    return known ? decodeFingerprint(known.print) : null
  }

  *#candidates(keys: readonly number[]): Iterable<KnownArticle> {
    const shared = new Map<number, number>()
    for (const key of keys) {
      for (const number of this.#byKey.newest(key, maxPerKey)) shared.set(number, (shared.get(number) ?? 0) + 1)
    }
    const enough = leastSharedKeys(keys)
    const most = [...shared].filter(([, count]) => count >= enough).toSorted((a, b) => b[1] - a[1])
    for (const [number] of most.slice(0, maxCandidates)) {
      const known = this.#knownArticle(number)
      if (known) yield known
    }
  }

  #fullestOf(storyId: string): KnownArticle | null {
    return this.#knownArticle(this.#fullest.get(this.#numbers.get(storyId) ?? -1)?.article)
  }

  #knownArticle(number: number | undefined): KnownArticle | null {
    const print = this.#printOf(number)
    if (number === undefined || !print) return null
    return { articleId: this.#articles[number]?.id ?? '', storyId: this.#storyId(number), print }
  }

  #keep(known: Known, print: Fingerprint, keys: readonly number[], url: string): void {
    const number = this.#articles.push(known) - 1
    this.#numbers.set(known.id, number)
    this.#byUrl.set(url, number)
    for (const key of keys) this.#byKey.add(key, number)
    const fullest = this.#fullest.get(known.story)
    if (!fullest || fullest.words < print.words) this.#fullest.set(known.story, { article: number, words: print.words })
    for (const { hash } of print.paragraphs) this.#countParagraph(hash, known.story)
  }

  #countParagraph(hash: number, story: number): void {
    const seen = this.#paragraphs.get(hash) ?? 0
    const last = seen % storiesAtMost
    if (seen === 0 || last !== story)
      this.#paragraphs.set(hash, (Math.floor(seen / storiesAtMost) + 1) * storiesAtMost + story)
  }
}

/** A front page is the address of whatever stands on it today. */
function namesPage(url: string): boolean {
  return !/^https:\/\/[^/]+\/$/.test(url)
}
