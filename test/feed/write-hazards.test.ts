import { describe, expect, test } from 'vitest'
import { readFeed, writeAtom, writeJsonFeed, writeRss } from '../../src/feed/public.ts'
import { atomFaults, rssFaults } from './feed-rules.ts'
import { hazards } from './hazard-feeds.ts'
import { jsonFeedSchema } from './json-feed-schema.ts'
import { childrenOf, parseStrictXml } from './strict-xml.ts'
import { atomWarnings, rssWarnings } from './validator-rules.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('there is a fixture for every hazard', () => {
  expect(hazards.length).toBeGreaterThanOrEqual(22)
})

describe.each(hazards)('a feed with $name', ({ feed, expected }) => {
  test('is RSS that strict readers and validators take, all fifty items', () => {
    const root = parseStrictXml(writeRss(feed))
    expect(rssFaults(root)).toEqual([])
    expect(rssWarnings(root, feed.selfUrl)).toEqual([])
    expect(childrenOf(childrenOf(root, 'channel')[0] ?? root, 'item')).toHaveLength(50)
  })

  test('is Atom that strict readers and validators take, all fifty entries', () => {
    const root = parseStrictXml(writeAtom(feed))
    expect(atomFaults(root)).toEqual([])
    expect(atomWarnings(root, feed.selfUrl)).toEqual([])
    expect(childrenOf(root, 'entry')).toHaveLength(50)
  })

  test('is JSON Feed by its schema, all fifty items', () => {
    const document = jsonFeedSchema.parse(JSON.parse(writeJsonFeed(feed)))
    expect(document.items).toHaveLength(50)
  })

  test('reads back as it was meant', () => {
    for (const text of [writeRss(feed), writeAtom(feed), writeJsonFeed(feed)]) {
      const { items } = readFeed(bytes(text), { url: 'https://feeds.example/feeds/port.rss' })
      expect(items).toHaveLength(50)
      expect(items[7]).toMatchObject(expected ?? {})
    }
  })

  test('is the same bytes each time', () => {
    const again = { ...feed, items: feed.items.map((item) => ({ ...item })) }
    for (const write of [writeRss, writeAtom, writeJsonFeed]) expect(write(again)).toBe(write(feed))
  })
})

test('what a validator warns of is told so', () => {
  const [{ feed } = { feed: null }] = hazards
  if (!feed) throw new Error('there are no hazards')
  const rss: readonly [string | RegExp, string][] = [
    ['<guid isPermaLink="false">', '<guid isPermaLink="false" x="1">'],
    ['<pubDate>Thu,', '<pubDate>Fri,'],
    ['<item>', '<item><unknown/>'],
    ['<ttl>', '<ttl>-'],
    [/<guid[^>]*>[^<]*/, '<guid isPermaLink="false">12345'],
    [feed.selfUrl ?? '', 'https://elsewhere.example/feed.rss'],
    ['xmlns:dc="', 'xmlns:dc="x'],
  ]
  for (const [from, to] of rss) {
    expect(rssWarnings(parseStrictXml(writeRss(feed).replace(from, to)), feed.selfUrl)).not.toEqual([])
  }
  const atom: readonly [string | RegExp, string][] = [
    ['<entry>', '<entry><link rel="next" href="https://port.example/2"/>'],
    ['<entry>', '<entry>text'],
    [/<published>\d+/, '<published>1899'],
    ['<category term=', '<category name="x" term='],
  ]
  for (const [from, to] of atom) {
    expect(atomWarnings(parseStrictXml(writeAtom(feed).replace(from, to)), feed.selfUrl)).not.toEqual([])
  }
})
