import { afterAll, expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { startNewsroom } from '../../src/newsroom/newsroom.ts'
import { anArchive } from '../crawlers/a-newsroom.ts'
import { userAgent } from '../crawlers/memory-ports.ts'

const reader = createReaderPool()
afterAll(() => reader.close())

test('a source of nothing but an address reads all list pages at first, and then only the first one', async () => {
  const newsroom = await startNewsroom({ correctAfterMs: null })
  const ministry = newsroom.sites.find(({ id }) => id === 'ministry')
  const source = sourceSchema.parse({
    id: 'ministry',
    name: 'Ministry',
    listings: [ministry?.listingUrl],
    politeness: { delay: 0 },
    allowPrivateHosts: [ministry?.host],
  })
  const archive = anArchive({ reader })
  const crawl = () => crawlSource(source, archive.ports, { runId: '1', userAgent })
  const listPages = () =>
    Object.entries(newsroom.requests().ministry).filter(([path]) => /\/index(?:_\d)?\.html$/.test(path))

  const first = await crawl()
  expect(first).toMatchObject({ stored: 18, skipped: { robots: 1, gone: 1 } })
  expect(Object.fromEntries(listPages())).toEqual({
    '/xwfb/index.html': 1,
    '/xwfb/index_1.html': 1,
    '/xwfb/index_2.html': 1,
  })
  // As if the list had changed, so that it does not answer 304.
  for (const [url, state] of archive.listings) archive.listings.set(url, { ...state, etag: null, lastModified: null })
  await crawl()
  expect(Object.fromEntries(listPages())).toEqual({
    '/xwfb/index.html': 2,
    '/xwfb/index_1.html': 1,
    '/xwfb/index_2.html': 1,
  })
  await newsroom.stop()
}, 60_000)
