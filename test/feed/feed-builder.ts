import type { FeedDocument, FeedItem } from '../../src/model/feed-document.ts'
import type { StatedTime, TimePrecision } from '../../src/model/time.ts'

/** A stated time, to the minute and in Beijing unless said otherwise. */
export function aTime(at: string, precision: TimePrecision = 'minute', zone = 'Asia/Shanghai'): StatedTime {
  return { at, precision, zone, from: 'test' }
}

export function anItem(changes: Partial<FeedItem> = {}): FeedItem {
  return {
    id: 'story-1',
    url: 'https://port.example/news/1.html',
    title: '港口开通三条新航线',
    summary: '三条航线本周起运行。',
    contentHtml: '<p>港口今年新开了三条航线。</p>',
    authors: ['王芳'],
    origin: '港务局',
    categories: ['港口'],
    publishedAt: aTime('2019-10-31T01:30:00.000Z'),
    updatedAt: aTime('2019-10-31T02:30:00.000Z'),
    images: [],
    attachments: [],
    copies: [],
    language: null,
    events: [],
    ...changes,
  }
}

export function aFeed(changes: Partial<FeedDocument> = {}): FeedDocument {
  return {
    title: '港口公告',
    description: '港务局的公告',
    homeUrl: 'https://feeds.example/',
    selfUrl: 'https://feeds.example/feeds/port.rss',
    hubUrl: 'https://feeds.example/hub',
    language: 'zh',
    updatedAt: aTime('2019-10-31T02:30:00.000Z'),
    ttlMinutes: 15,
    items: [anItem()],
    ...changes,
  }
}
