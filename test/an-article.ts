import { contentHash } from '../src/article/content-hash.ts'
import { saveArticle, type ArticleToSave } from '../src/archive/articles.ts'
import type { Transaction } from '../src/archive/database.ts'
import { placeInStory, recordOf, type PrintedRecord } from '../src/queue/place-in-story.ts'
import type { Article } from '../src/model/article.ts'
import type { StatedTime } from '../src/model/time.ts'

/** A time of day as a publisher states it. */
export function stated(at: string, zone = 'Asia/Shanghai'): StatedTime {
  return { at, precision: 'minute', zone, from: 'text:发布时间' }
}

/** What was read out of some page, as far as a test says, with a hash that fits its text. */
export function anArticle(over: Partial<Article> & { readonly title?: string } = {}): Article & { title: string } {
  const title = over.title ?? '全市消防安全检查下周开始'
  const bodyText = over.bodyText ?? '消防救援支队下周起检查全市商场。\n检查持续三周，结果向社会公布。'
  return {
    url: 'http://city.example/news/1.html',
    canonicalUrl: null,
    kicker: null,
    subtitle: null,
    byline: null,
    origin: null,
    editor: null,
    language: 'zh',
    publishedAt: stated('2019-11-05T01:30:00.000Z'),
    modifiedAt: null,
    summary: null,
    dateline: null,
    bodyHtml: bodyText
      .split('\n')
      .map((line) => `<p>${line}</p>`)
      .join(''),
    images: [],
    attachments: [],
    events: [],
    nextPageUrl: null,
    confidence: 0.9,
    warnings: [],
    ...over,
    title,
    bodyText,
    contentHash: contentHash(title, bodyText),
  }
}

export type Saving = ArticleToSave & { readonly fingerprint: PrintedRecord }

/** Saves as the pipeline does: what is compared decides the story. */
export function keep(client: Transaction, input: Saving) {
  return saveArticle(client, input, (client) => placeInStory(client, input.fingerprint))
}

/** An article on its way into the archive. */
export function aSave(over: Partial<Article> & { title?: string } = {}, more: Partial<Saving> = {}): Saving {
  const article = anArticle(over)
  return {
    sourceId: 'city',
    canonicalUrl: article.url,
    article,
    fingerprint: recordOf(article),
    isOwnRelease: true,
    seenAt: new Date('2019-11-05T02:00:00Z'),
    isUnread: false,
    ...more,
  }
}
