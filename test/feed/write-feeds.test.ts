import { afterEach, describe, expect, test, vi } from 'vitest'
import { writeAtom, writeJsonFeed, writeOpml, writeRss } from '../../src/feed/public.ts'
import type { FeedItem } from '../../src/model/feed-document.ts'
import { aFeed, anItem, aTime } from './feed-builder.ts'
import { atomFaults, rssFaults } from './feed-rules.ts'
import { childrenOf, parseStrictXml, textOf, type StrictElement } from './strict-xml.ts'

function channelOf(xml: string): StrictElement {
  const root = parseStrictXml(xml)
  return childrenOf(root, 'channel')[0] ?? root
}

function linksOf(parent: StrictElement, name: string): [string | undefined, string | undefined][] {
  return childrenOf(parent, name).map(({ attributes }) => [attributes.get('rel'), attributes.get('href')])
}

function firstEntryOf(items: readonly FeedItem[]): StrictElement {
  const root = parseStrictXml(writeAtom(aFeed({ items })))
  return childrenOf(root, 'entry')[0] ?? root
}

afterEach(() => vi.useRealTimers())

const paged = aFeed({
  pages: { first: 'https://feeds.example/feeds/port.rss', next: '/feeds/port.rss?page=3', previous: null },
})

describe('RSS', () => {
  test('says where it is, where its hub is, and where it goes on', () => {
    expect(linksOf(channelOf(writeRss(paged)), 'atom:link')).toEqual([
      ['self', 'https://feeds.example/feeds/port.rss'],
      ['hub', 'https://feeds.example/hub'],
      ['first', 'https://feeds.example/feeds/port.rss'],
      ['next', 'https://feeds.example/feeds/port.rss?page=3'],
    ])
  })

  test('states the time of the newest change, not of rendering', () => {
    vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') })
    const first = writeRss(aFeed())
    vi.setSystemTime(new Date('2027-01-01T00:00:00Z'))
    expect(writeRss(aFeed())).toBe(first)
    expect(textOf(channelOf(first), 'lastBuildDate')).toBe('Thu, 31 Oct 2019 02:30:00 GMT')
    expect(textOf(channelOf(writeRss(aFeed({ updatedAt: null }))), 'lastBuildDate')).toBeNull()
  })

  test('keeps a title that looks like the stamp of the library', () => {
    const title = '<generator>Newsfold</generator><lastBuildDate>x</lastBuildDate>'
    const feed = aFeed({ title, description: title })
    expect(textOf(channelOf(writeRss(feed)), 'title')).toBe(title)
    expect(textOf(channelOf(writeRss(feed)), 'lastBuildDate')).toBe('Thu, 31 Oct 2019 02:30:00 GMT')
  })

  test('has the id as a guid that is no link, and each id once', () => {
    const items = [anItem({ id: 'a' }), anItem({ id: 'b' }), anItem({ id: 'a', title: 'again' })]
    const guids = childrenOf(channelOf(writeRss(aFeed({ items }))), 'item').map((item) => childrenOf(item, 'guid')[0])
    expect(guids.map((guid) => [guid?.text, guid?.attributes.get('isPermaLink')])).toEqual([
      ['a', 'false'],
      ['b', 'false'],
    ])
  })

  test('carries text, people, origin, times, one enclosure, pictures and copies', () => {
    const item = anItem({
      authors: ['王芳', '李强', '王芳'],
      attachments: [
        { url: 'https://port.example/a.pdf', name: 'A', mediaType: 'application/pdf', bytes: 99 },
        { url: 'https://port.example/b.bin', name: 'B', mediaType: null },
      ],
      images: [{ url: 'https://port.example/i.jpg', alt: '码头', caption: null, width: 800, height: 0 }],
      copies: [{ name: '渔港新闻', url: 'https://copy.example/1' }],
    })
    const written = childrenOf(channelOf(writeRss(aFeed({ items: [item] }))), 'item')[0] ?? channelOf('')
    expect(childrenOf(written, 'dc:creator').map(({ text }) => text)).toEqual(['王芳', '李强'])
    expect(textOf(written, 'dc:publisher')).toBe('港务局')
    expect(textOf(written, 'pubDate')).toBe('Thu, 31 Oct 2019 01:30:00 GMT')
    expect(textOf(written, 'atom:updated')).toBe('2019-10-31T02:30:00.000Z')
    expect(childrenOf(written, 'enclosure').map(({ attributes }) => [...attributes.values()])).toEqual([
      ['https://port.example/a.pdf', '99', 'application/pdf'],
    ])
    expect(childrenOf(written, 'media:content').map(({ attributes }) => [...attributes])).toEqual([
      [
        ['url', 'https://port.example/i.jpg'],
        ['medium', 'image'],
        ['width', '800'],
      ],
    ])
    expect(linksOf(written, 'atom:link')).toEqual([['related', 'https://copy.example/1']])
    expect(textOf(written, 'content:encoded')).toContain('<a href="https://copy.example/1">渔港新闻</a>')
  })

  test('says that the length of an enclosure is not known as RSS says it', () => {
    const item = anItem({ attachments: [{ url: 'https://port.example/b', name: 'B', mediaType: null }] })
    const written = childrenOf(channelOf(writeRss(aFeed({ items: [item] }))), 'item')[0]
    expect([...(childrenOf(written ?? channelOf(''), 'enclosure')[0]?.attributes.values() ?? [])]).toEqual([
      'https://port.example/b',
      '0',
      'application/octet-stream',
    ])
  })

  test('is valid without a title, a description, items and a hub', () => {
    const bare = aFeed({
      title: null,
      description: null,
      hubUrl: null,
      language: null,
      updatedAt: null,
      ttlMinutes: null,
      items: [],
    })
    expect(rssFaults(parseStrictXml(writeRss(bare)))).toEqual([])
    expect(atomFaults(parseStrictXml(writeAtom(bare)))).toEqual([])
  })

  test('announces who else ran a story in the language of the item', () => {
    const copies = [{ name: 'Copy', url: 'https://copy.example/1' }]
    const contents = ['en', 'zh-Hant', 'zh-HK', null].map((language) => {
      const written = childrenOf(channelOf(writeRss(aFeed({ items: [anItem({ copies, language })] }))), 'item')[0]
      return /<\/p><p>([^<]*)<\/p><ul>/.exec(textOf(written ?? channelOf(''), 'content:encoded') ?? '')?.[1]
    })
    expect(contents).toEqual(['Also published by:', '同時刊發：', '同時刊發：', '同时刊发：'])
  })
})

describe('Atom', () => {
  test('gives ids that are URIs, the same for the same item', () => {
    const ids = ['story-1', '0192F0C4-7B1E-7C55-8A4E-000000000001', 'https://port.example/1', '公告', '公告'].map(
      (id) => {
        const feed = parseStrictXml(writeAtom(aFeed({ items: [anItem({ id })] })))
        return textOf(childrenOf(feed, 'entry')[0] ?? feed, 'id')
      },
    )
    expect(ids[0]).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(ids[1]).toBe('urn:uuid:0192f0c4-7b1e-7c55-8a4e-000000000001')
    expect(ids[2]).toBe('https://port.example/1')
    expect(ids[3]).toBe(ids[4])
    expect(ids[3]).not.toBe(ids[0])
  })

  test('keeps the second of a change, and an entry the same whatever stands beside it', () => {
    const alone = firstEntryOf([anItem()])
    expect(textOf(alone, 'updated')).toMatch(/^2019-10-31T02:30:00\.\d+Z$/)
    expect(firstEntryOf([anItem(), anItem({ id: 'story-2' })])).toEqual(alone)
  })

  test('says where it goes on, and lists all files', () => {
    const attachments = ['a', 'b'].map((name) => ({
      url: `https://port.example/${name}`,
      name,
      mediaType: 'application/pdf',
    }))
    const root = parseStrictXml(writeAtom({ ...paged, items: [anItem({ attachments })] }))
    expect(linksOf(root, 'link').map(([rel]) => rel)).toEqual(['self', 'alternate', 'hub', 'first', 'next'])
    const enclosures = linksOf(childrenOf(root, 'entry')[0] ?? root, 'link').filter(([rel]) => rel === 'enclosure')
    expect(enclosures.map(([, href]) => href)).toEqual(['https://port.example/a', 'https://port.example/b'])
    expect(atomFaults(root)).toEqual([])
  })
})

describe('JSON Feed', () => {
  test('names its hub, its next page, and whose text an item is', () => {
    const copies = [{ name: 'Copy', url: 'https://copy.example/1' }]
    const document: unknown = JSON.parse(writeJsonFeed({ ...paged, items: [anItem({ copies })] }))
    expect(document).toMatchObject({
      hubs: [{ type: 'WebSub', url: 'https://feeds.example/hub' }],
      next_url: 'https://feeds.example/feeds/port.rss?page=3',
      items: [{ date_published: '2019-10-31T01:30:00.000Z', _newsfold: { origin: '港务局', copies } }],
    })
  })
})

describe('a list of feeds as OPML', () => {
  test('has an outline for each, and none without an address', () => {
    const xml = writeOpml(
      [
        { title: '港口 & <海关>', xmlUrl: 'https://feeds.example/港口.rss', htmlUrl: '/' },
        { title: '', xmlUrl: 'https://feeds.example/b.rss', htmlUrl: null },
        { title: 'none', xmlUrl: 'nowhere', htmlUrl: null },
      ],
      '全部',
    )
    const root = parseStrictXml(xml)
    expect(textOf(childrenOf(root, 'head')[0] ?? root, 'title')).toBe('全部')
    const outlines = childrenOf(childrenOf(root, 'body')[0] ?? root, 'outline').map(({ attributes }) =>
      Object.fromEntries(attributes),
    )
    expect(outlines).toEqual([
      {
        type: 'rss',
        text: '港口 & <海关>',
        title: '港口 & <海关>',
        xmlUrl: 'https://feeds.example/%E6%B8%AF%E5%8F%A3.rss',
        htmlUrl: 'https://feeds.example/',
      },
      {
        type: 'rss',
        text: 'https://feeds.example/b.rss',
        title: 'https://feeds.example/b.rss',
        xmlUrl: 'https://feeds.example/b.rss',
      },
    ])
  })
})

test('an item that was written in one feed is written anew for another', () => {
  const item = anItem({ url: '/news/1.html' })
  const written = ['https://one.example/', 'https://two.example/'].map((homeUrl) => {
    const channel = channelOf(writeRss(aFeed({ homeUrl, items: [item] })))
    return textOf(childrenOf(channel, 'item')[0] ?? channel, 'link')
  })
  expect(written).toEqual(['https://one.example/news/1.html', 'https://two.example/news/1.html'])
})

test('a time that is stated to the hour is a time of day', () => {
  const channel = channelOf(
    writeRss(aFeed({ items: [anItem({ publishedAt: aTime('2019-10-31T01:00:00.000Z', 'hour') })] })),
  )
  expect(textOf(childrenOf(channel, 'item')[0] ?? channel, 'pubDate')).toBe('Thu, 31 Oct 2019 01:00:00 GMT')
})

test('a feed that nobody knows the address of names none, and not that of a program', () => {
  const xml = writeRss(aFeed({ homeUrl: null, selfUrl: null, items: [] }))
  expect(xml.match(/<channel>.*<\/channel>/s)?.[0]).not.toMatch(/<link>|github|about:/)
  expect(writeRss(aFeed({ homeUrl: null, selfUrl: 'https://a.example/all.rss', items: [] }))).toContain(
    '<link>https://a.example/all.rss</link>',
  )
})
