import { parseFeed } from 'feedsmith'
import RssParser from 'rss-parser'
import { readFeed, writeAtom, writeRss } from '../src/feed/public.ts'
import { scoreCorpus } from './feed-corpus.ts'
import { median } from './median.ts'
import type { FeedDocument, FeedItem } from '../src/model/feed-document.ts'

const time = { at: '2019-10-31T01:30:00.000Z', precision: 'second', zone: 'Asia/Shanghai', from: 'bench' } as const

function anItem(number: number): FeedItem {
  const paragraph = `<p>第${number}届贸易洽谈会将在金华举行，来自四十个国家和地区的企业报名参加，<a href="https://news.example/topic/${number}?a=1&amp;b=2">详情</a>。</p>`
  return {
    id: `story-${number}`,
    url: `https://news.example/2019/10/${number}.html`,
    title: `关于举办第${number}届贸易洽谈会的公告`,
    summary: `第${number}届贸易洽谈会将于十二月举行。`,
    contentHtml: paragraph.repeat(10),
    authors: ['王芳'],
    origin: '贸易促进委员会',
    categories: ['贸易', '会展'],
    publishedAt: time,
    updatedAt: time,
    images: [{ url: `https://news.example/img/${number}.jpg`, alt: null, caption: null, width: 800, height: 600 }],
    attachments: [],
    copies: [],
    language: null,
    events: [],
  }
}

const feed: FeedDocument = {
  title: '公告',
  description: '各部门的公告',
  homeUrl: 'https://news.example/',
  selfUrl: 'https://news.example/feeds/all.rss',
  hubUrl: null,
  language: 'zh',
  updatedAt: time,
  ttlMinutes: 15,
  items: Array.from({ length: 50 }, (_, index) => anItem(index)),
}

/** Median of the rounds of each task, in milliseconds; the tasks take turns. */
async function medians(rounds: number, tasks: readonly (() => unknown)[]): Promise<number[]> {
  const times = tasks.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      const start = performance.now()
      await task()
      times[index]?.push(performance.now() - start)
    }
  }
  return times.map(median)
}

/**
 * Reading a feed of 50 items from its bytes, next to rss-parser and feedsmith; with FEED_CORPUS, a folder of feeds that
 * say what should be read of them, how much of that each reader gets right.
 */
export async function run(): Promise<void> {
  const corpus = process.env['FEED_CORPUS']
  if (corpus) await scoreCorpus(corpus)
  const parser = new RssParser()
  for (const [format, text] of [
    ['rss', writeRss(feed)],
    ['atom', writeAtom(feed)],
  ] as const) {
    const body = new TextEncoder().encode(text)
    const [ours = 0, rssParser = 0, feedsmith = 0] = await medians(100, [
      () => readFeed(body, { url: 'https://news.example/feeds/all.rss' }),
      () => parser.parseString(Buffer.from(body).toString('utf8')),
      () => parseFeed(Buffer.from(body).toString('utf8')),
    ])
    process.stdout.write(
      `read ${format} 50 items, ${Math.round(body.length / 1024)} kB: newsfold ${ours.toFixed(2)} ms, ` +
        `rss-parser ${rssParser.toFixed(2)} ms (ratio ${(rssParser / ours).toFixed(1)}), ` +
        `feedsmith ${feedsmith.toFixed(2)} ms (ratio ${(feedsmith / ours).toFixed(1)})\n`,
    )
  }
}
