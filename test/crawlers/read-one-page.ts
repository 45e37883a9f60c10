import { createReaderPool } from '../../src/crawlers/reader-pool.ts'

/** Reads a page of some hundred milliseconds within two seconds, and says when it has begun and what became of it. */
const pool = createReaderPool({ deadlineMs: 2000 })
const page = (paragraphs: number) => ({
  body: new TextEncoder().encode(
    '<h1>全市秋季植树动员会召开</h1>' + '<p>第一段文字，长度应当足够。</p>'.repeat(paragraphs),
  ),
  url: 'http://news.example/page',
  contentType: 'text/html; charset=utf-8',
})
// The thread is there before it counts.
await pool.readArticle(page(2), undefined)
const reading = pool.readArticle(page(15_000), undefined).then(
  () => 'read',
  (error: unknown) => String(error),
)
setTimeout(() => process.send?.('begun'), 20)
process.send?.(await reading)
await pool.close()
process.disconnect()
