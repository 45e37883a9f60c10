import { setImmediate } from 'node:timers/promises'
import RSS from 'rss'
import type { FeedDocument, FeedItem } from '../src/model/feed-document.ts'
import { writeRss } from '../src/feed/public.ts'
import { median } from './median.ts'

const time = { at: '2019-10-31T01:30:00.000Z', precision: 'second', zone: 'Asia/Shanghai', from: 'bench' } as const

/** An item of so many paragraphs: two in a short announcement, thirty in a long one. */
function anItem(number: number, paragraphs: number): FeedItem {
  const paragraph = `<p>第${number}届贸易洽谈会将在金华举行，来自四十个国家和地区的企业报名参加，<a href="https://news.example/topic/${number}?a=1&amp;b=2">详情</a>。</p>`
  return {
    id: `0192f0c4-7b1e-7c55-8a4e-${String(number).padStart(12, '0')}`,
    url: `https://news.example/2019/10/${number}.html`,
    title: `关于举办第${number}届贸易洽谈会的公告`,
    summary: `第${number}届贸易洽谈会将于十二月举行。`,
    contentHtml: paragraph.repeat(paragraphs),
    authors: ['王芳', '李强'],
    origin: '贸易促进委员会',
    categories: ['贸易', '会展'],
    publishedAt: time,
    updatedAt: time,
    images: [],
    attachments: [],
    copies: [],
    language: 'zh',
    events: [],
  }
}

function aFeed(length: number, paragraphs: number): FeedDocument {
  return {
    title: '公告',
    description: '各部门的公告',
    homeUrl: 'https://news.example/',
    selfUrl: 'https://news.example/feeds/all.rss',
    hubUrl: null,
    language: 'zh',
    updatedAt: time,
    ttlMinutes: 15,
    items: Array.from({ length }, (_, index) => anItem(index, paragraphs)),
  }
}

/** What a program does with `rss` alone: the same elements, no hygiene. */
function rssAlone(feed: FeedDocument): string {
  const rss = new RSS({
    title: feed.title ?? '',
    description: feed.description ?? '',
    feed_url: feed.selfUrl ?? '',
    site_url: feed.homeUrl ?? '',
    language: feed.language ?? '',
    ttl: feed.ttlMinutes ?? 0,
    custom_namespaces: { media: 'http://search.yahoo.com/mrss/' },
  })
  for (const item of feed.items) {
    rss.item({
      title: item.title ?? '',
      description: item.summary ?? '',
      url: item.url ?? '',
      guid: item.id,
      categories: [...item.categories],
      date: item.publishedAt?.at ?? '',
      custom_elements: [
        ...item.authors.map((name) => ({ 'dc:creator': { _cdata: name } })),
        { 'dc:publisher': { _cdata: item.origin } },
        { 'atom:updated': item.updatedAt?.at },
        { 'content:encoded': { _cdata: item.contentHtml } },
      ],
    })
  }
  return rss.xml()
}

/** Median time of a task, in milliseconds. Each round gets a feed that nobody wrote before, or always the same. */
async function medianMs(
  rounds: number,
  nextFeed: () => FeedDocument,
  write: (feed: FeedDocument) => string,
): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const feed = nextFeed()
    const start = performance.now()
    write(feed)
    times.push(performance.now() - start)
    // `rss` keeps each feed until the next turn of the event loop.
    await setImmediate()
  }
  return median(times)
}

interface Size {
  readonly name: string
  readonly length: number
  readonly paragraphs: number
  readonly rounds: number
}

const sizes: readonly Size[] = [
  { name: '50 short items', length: 50, paragraphs: 2, rounds: 600 },
  { name: '50 long items', length: 50, paragraphs: 30, rounds: 400 },
  { name: '1000 short items', length: 1000, paragraphs: 2, rounds: 60 },
  { name: '1000 long items', length: 1000, paragraphs: 30, rounds: 40 },
]

/**
 * Writing items as RSS, next to `rss` alone with the same elements, which looks at nothing. Items are new ones whose
 * HTML nobody has looked at; new ones whose HTML is known to be clean, as the server knows it of every text that it has
 * written once; and the same ones again (in another format, or in another feed).
 */
export async function run(): Promise<void> {
  for (const { name, length, paragraphs, rounds } of sizes) {
    const same = aFeed(length, paragraphs)
    const looked = { ...same, items: same.items.map((item) => ({ ...item, isContentClean: true })) }
    // A copy of each string, as a database driver makes them.
    const fresh = () => structuredClone(same)
    const known = () => structuredClone(looked)
    // Twice, so that the compiler has seen everything when it counts.
    await medianMs(rounds, fresh, writeRss)
    await medianMs(rounds, known, writeRss)
    const theirs = await medianMs(rounds, fresh, rssAlone)
    const ours = {
      first: await medianMs(rounds, fresh, writeRss),
      'known as clean': await medianMs(rounds, known, writeRss),
      'written before': await medianMs(rounds, () => same, writeRss),
    }
    const figures = Object.entries(ours).map(
      ([what, ms]) => `${what} ${ms.toFixed(2)} ms (${(theirs / ms).toFixed(2)})`,
    )
    process.stdout.write(`write rss ${name}: rss alone ${theirs.toFixed(2)} ms, newsfold ${figures.join(', ')}\n`)
  }
}
