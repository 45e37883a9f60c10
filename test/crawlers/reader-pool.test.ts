import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createReaderPool, type ReaderPool } from '../../src/crawlers/reader-pool.ts'

const pools: ReaderPool[] = []
afterAll(async () => {
  for (const pool of pools) await pool.close()
})

function aPool(options: Parameters<typeof createReaderPool>[0] = {}): ReaderPool {
  const pool = createReaderPool(options)
  pools.push(pool)
  return pool
}

const aPage = (html: string, name = 'page') => ({
  body: new TextEncoder().encode(html),
  url: `http://news.example/${name}`,
  contentType: 'text/html; charset=utf-8',
})

const release =
  '<h1>全市秋季植树动员会召开</h1><p>　　十一月五日，全市秋季植树动员会在会议中心召开，各区代表参加了会议。</p>' +
  '<p>　　会议要求，各单位要把任务落实到具体地块，确保成活率。</p>'
/** Large enough to be still under way when the deadline comes, and not to fit into the smallest memory. */
const hugePage = '<p>第一段文字，长度应当足够。</p>'.repeat(500_000)

test('an article and a list page are read in a thread', async () => {
  const pool = aPool()
  const article = await pool.readArticle(aPage(release), undefined)
  expect(article.title).toBe('全市秋季植树动员会召开')
  expect(article.bodyText.split('\n')).toHaveLength(2)
  const feed =
    '<rss version="2.0"><channel><item><title>T</title><link>http://news.example/1</link></item></channel></rss>'
  const reading = await pool.readListing(aPage(feed), 'auto', undefined)
  expect(reading.kind === 'feed' && reading.feed.items.map(({ url }) => url)).toEqual(['http://news.example/1'])
})

test('a page is not blamed for the time that the whole process was stopped', async () => {
  const child = fork('test/crawlers/read-one-page.ts', [], { execArgv: ['--import', 'tsx'] })
  expect(await once(child, 'message')).toEqual(['begun', undefined])
  child.kill('SIGSTOP')
  await sleep(4500)
  child.kill('SIGCONT')
  expect(await once(child, 'message')).toEqual(['read', undefined])
}, 60_000)

test('what a reader says is wrong with a page arrives with its code', async () => {
  const pool = aPool()
  const pdf = { ...aPage('%PDF-1.7'), contentType: 'application/pdf' }
  await expect(pool.readListing(pdf, 'html', undefined)).rejects.toMatchObject({
    code: 'listing.not-html',
    name: 'UnreadableError',
  })
})

test('a page that takes too long is given up, and the next one is read', async () => {
  const pool = aPool({ deadlineMs: 500 })
  await expect(pool.readArticle(aPage(hugePage, 'huge'), undefined)).rejects.toMatchObject({ code: 'reader.timeout' })
  expect((await pool.readArticle(aPage(release), undefined)).title).toBe('全市秋季植树动员会召开')
})

test('a page that exhausts the memory of its thread is one error, and the next one is read', async () => {
  const pool = aPool({ maxMemoryMb: 48, deadlineMs: 60_000 })
  await expect(pool.readArticle(aPage(hugePage, 'huge'), undefined)).rejects.toMatchObject({ code: 'reader.crashed' })
  expect((await pool.readArticle(aPage(release), undefined)).title).toBe('全市秋季植树动员会召开')
})

test('pages that wait for their turn are not blamed for the one before them', async () => {
  const pool = aPool({ deadlineMs: 500 })
  const huge = pool.readArticle(aPage(hugePage, 'huge'), undefined).catch((error: unknown) => error)
  const others = await Promise.all(Array.from({ length: 5 }, () => pool.readArticle(aPage(release), undefined)))
  expect(others.map(({ title }) => title)).toEqual(Array.from({ length: 5 }, () => '全市秋季植树动员会召开'))
  await huge
})
