import type { StatedTime } from '../model/time.ts'
import { canonicalUrl } from './canonical-url.ts'
import { exactKey } from './normalize-text.ts'

/** What the index needs to know of an article. */
export interface StoryArticle {
  readonly id: string
  readonly url: string
  readonly title: string
  /** Paragraphs joined by `\n`. */
  readonly bodyText: string
  readonly publishedAt: StatedTime | null
}

/** Groups articles into stories as they arrive. */
export class StoryIndex {
  readonly #storyByKey = new Map<string, string>()

  /** @returns the id of the article's story: that of the first article in it */
  add(article: StoryArticle): string {
    const keys = [
      `url:${canonicalUrl(article.url)}`,
      `text:${exactKey(article.bodyText) ?? exactKey(article.title) ?? article.id}`,
    ]
    const known = keys.map((key) => this.#storyByKey.get(key)).find((id) => id !== undefined)
    const story = known ?? article.id
    for (const key of keys) if (!this.#storyByKey.has(key)) this.#storyByKey.set(key, story)
    return story
  }
}
