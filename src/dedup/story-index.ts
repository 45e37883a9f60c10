import type { StatedTime } from '../model/time.ts'
import { candidateKeys } from './candidate-keys.ts'
import { canonicalUrl } from './canonical-url.ts'
import { chooseStory, datedByStory, type Compared } from './choose-story.ts'
import { compare, type Verdict } from './compare.ts'
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

const defaultWindowDays = 30
const dayMs = 86_400_000
/** Articles looked at under one key, the newest first. What more share is a phrase of the trade, and a copy is near its original in time. */
export const maxPerKey = 64
/** Articles compared with a new one: those with the most keys in common. */
export const maxCompared = 24
const manyKeys = 12
/** Of so many different stories a paragraph is no news: on their publisher's authority it stands under every release. */
const boilerplateStories = 3

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
    this.#windowMs = (options.windowDays ?? defaultWindowDays) * dayMs
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
    const choice = chooseStory(print, this.#compareWithStories(print, keys))
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

  #compareWithStories(print: Fingerprint, keys: readonly number[]): Compared[] {
    const compared = new Map<number, Compared>()
    for (const number of this.#candidates(keys)) {
      const isSame = this.#look(print, number, compared)
      const fullest = this.#fullest.get(this.#articles[number]?.story ?? number)
      if (isSame && fullest) this.#look(print, fullest.article, compared)
    }
    return [...compared.values()]
  }

  #look(print: Fingerprint, number: number, compared: Map<number, Compared>): boolean {
    const known = this.#articles[number]
    const other = this.#printOf(number)
    if (!known || !other || compared.has(number) || !this.#isInWindow(print, other)) return false
    const verdict = compare(print, other, this.#isBoilerplate)
    compared.set(number, { articleId: known.id, storyId: this.#storyId(number), print: other, verdict })
    return verdict.same
  }

  #candidates(keys: readonly number[]): number[] {
    const shared = new Map<number, number>()
    for (const key of keys) {
      for (const number of this.#byKey.newest(key, maxPerKey)) shared.set(number, (shared.get(number) ?? 0) + 1)
    }
    // One key in common is a phrase; a short text has few keys to share.
    const enough = keys.length >= manyKeys ? 2 : 1
    return [...shared]
      .filter(([, count]) => count >= enough)
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, maxCompared)
      .map(([number]) => number)
  }

  #isInWindow(a: Fingerprint, b: Fingerprint): boolean {
    if (a.publishedAt === null || b.publishedAt === null) return true
    return Math.abs(a.publishedAt - b.publishedAt) <= this.#windowMs
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
