import { expect, test } from 'vitest'
import { readFeed, writeRss, type FeedDocument } from '../../src/feed/public.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('an RSS feed that was written is read back', () => {
  const feed: FeedDocument = {
    title: '公告',
    description: null,
    homeUrl: 'https://example.org/',
    selfUrl: 'https://example.org/all.rss',
    hubUrl: null,
    language: 'zh',
    updatedAt: { at: '2019-10-31T01:30:00.000Z', precision: 'second', zone: 'Asia/Shanghai', from: 'test' },
    ttlMinutes: 15,
    items: [
      {
        id: 'story-1',
        url: 'https://example.org/新闻/1 2.html',
        title: '进出口 & 贸易',
        summary: '摘要',
        contentHtml: '<p>正文 ]]> 完</p>',
        authors: ['王芳'],
        origin: '新华社',
        categories: ['贸易'],
        publishedAt: { at: '2019-10-31T01:30:00.000Z', precision: 'minute', zone: 'Asia/Shanghai', from: 'test' },
        updatedAt: null,
        images: [],
        attachments: [],
        copies: [],
        language: null,
        events: [],
      },
    ],
  }
  const text = writeRss(feed)
  expect(writeRss(feed)).toBe(text)
  const read = readFeed(bytes(text), { url: 'https://example.org/all.rss' })
  expect(read).toMatchObject({
    title: '公告',
    homeUrl: feed.homeUrl,
    selfUrl: feed.selfUrl,
    language: 'zh',
    ttlMinutes: 15,
  })
  expect(read.items[0]).toMatchObject({
    id: 'story-1',
    url: 'https://example.org/%E6%96%B0%E9%97%BB/1%202.html',
    title: '进出口 & 贸易',
    summary: '摘要',
    contentHtml: '<p>正文 ]]> 完</p>',
    authors: ['王芳'],
    origin: '新华社',
    categories: ['贸易'],
  })
  expect(read.items[0]?.publishedAt?.at).toBe('2019-10-31T01:30:00.000Z')
})

test('an Atom feed is read', () => {
  const read = readFeed(
    bytes(`<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>News &amp; more</title>
<link href="/"/><link rel="self" href="/a.atom"/><updated>2019-10-31T09:30:00+08:00</updated><author><name>Desk</name></author>
<entry><id>tag:example.org,2019:1</id><title type="html">A &lt;b&gt;bold&lt;/b&gt; one</title><link href="1.html"/>
<published>2019-10-31T09:30:00+08:00</published><updated>2019-10-31T10:30:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Text <a href="2.html">two</a></p></div></content></entry></feed>`),
    { url: 'https://example.org/news/a.atom' },
  )
  expect(read).toMatchObject({ title: 'News & more', homeUrl: 'https://example.org/', language: 'en' })
  expect(read.items).toMatchObject([
    {
      id: 'tag:example.org,2019:1',
      title: 'A bold one',
      url: 'https://example.org/news/1.html',
      authors: ['Desk'],
      contentHtml: '<p>Text <a href="https://example.org/news/2.html">two</a></p>',
      publishedAt: { at: '2019-10-31T01:30:00.000Z', precision: 'second', zone: '+08:00' },
    },
  ])
})
