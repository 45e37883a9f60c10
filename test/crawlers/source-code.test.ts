import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineSource } from '../../src/crawlers/define-source.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { sourceCodeUrl } from '../../src/runtime/source-code.ts'

let folder: string
const pool = createReaderPool()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'newsfold-code-'))
  mkdirSync(join(folder, 'sources'))
})
afterAll(async () => {
  await pool.close()
  rmSync(folder, { recursive: true })
})

const page = {
  url: 'https://city.example/1.html',
  body: new TextEncoder().encode(
    '<html><head><title>One</title></head><body><h1>One</h1><p>The text of it.</p></body></html>',
  ),
  contentType: 'text/html; charset=utf-8',
}

/** Writes the code of a source and gives its readers, as a run does at its start. */
function readersWith(id: string, code: string, extension = 'ts') {
  const file = join(folder, 'sources', `${id}.${extension}`)
  writeFileSync(file, code)
  return pool.withCode(sourceCodeUrl(folder, id))
}

test('code in TypeScript builds on the automatic reading, and what it leaves out stays automatic', async () => {
  const readers = readersWith(
    'typed',
    `type Page = { url: string }
     export const source = {
       readArticle(page: Page, automatic: { readArticle(page: Page): { origin: string | null } }) {
         return { ...automatic.readArticle(page), origin: 'the office' }
       },
     }`,
  )
  expect(await readers.readArticle(page, undefined)).toMatchObject({ title: 'One', origin: 'the office' })
  expect(await readers.readListing(page, 'html', undefined)).toMatchObject({ kind: 'html', items: [] })
}, 60_000)

test('a listing may be read by code', async () => {
  const code = `export const source = {
    readListing: (page) => ({ items: [{ url: page.url + '?n=1', title: 'One', publishedAt: null, summary: null }] }),
  }`
  const reading = await readersWith('listed', code, 'mjs').readListing(page, 'auto', undefined)
  expect(reading).toMatchObject({ kind: 'html', items: [{ url: `${page.url}?n=1` }], nextUrl: null })
}, 60_000)

const codeWith = (title: string) =>
  `export const source = { readArticle: (page, { readArticle }) => ({ ...readArticle(page), title: '${title}' }) }`

test('a change of the code holds from the next run on', async () => {
  expect((await readersWith('hot', codeWith('first'), 'mjs').readArticle(page, undefined)).title).toBe('first')
  const changed = readersWith('hot', codeWith('second'), 'mjs')
  utimesSync(join(folder, 'sources', 'hot.mjs'), new Date(), new Date(Date.now() + 5000))
  expect(changed).toBeDefined()
  expect((await pool.withCode(sourceCodeUrl(folder, 'hot')).readArticle(page, undefined)).title).toBe('second')
}, 60_000)

test('scripts that code puts into a body do not reach readers', async () => {
  const code = `export const source = {
    readArticle: (page, { readArticle }) => ({ ...readArticle(page), bodyHtml: '<p>Hi</p><script>alert(1)</script>' }),
  }`
  expect((await readersWith('unsafe', code, 'mjs').readArticle(page, undefined)).bodyHtml).toBe('<p>Hi</p>')
}, 60_000)

test.each([
  [
    'throws',
    'export const source = { readArticle() { throw new Error("no such box") } }',
    'code.failed',
    'no such box',
  ],
  ['nothing', 'export const source = { readArticle() {} }', 'code.failed', 'expected an object, got undefined'],
  ['other', 'export const other = 1', 'code.no-export', 'export const source = defineSource'],
  ['broken', 'export const source = {', 'code.unloadable', 'broken.mjs'],
])(
  'code that %s is one line that says so, and the next page is read',
  async (id, code, errorCode, words) => {
    const reading = readersWith(id, code, 'mjs').readArticle(page, undefined)
    await expect(reading).rejects.toMatchObject({ code: errorCode, message: expect.stringContaining(words) })
    expect((await pool.readArticle(page, undefined)).title).toBe('One')
  },
  60_000,
)

test('a source without code has none, and defineSource types what it is given', () => {
  expect(sourceCodeUrl(folder, 'nobody')).toBeNull()
  const code = defineSource({ readListing: () => ({ items: [] }) })
  expect(
    code.readListing?.(page, {
      readListing: () => ({ items: [] }),
      readArticle: () => {
        throw new Error('unused')
      },
    }),
  ).toEqual({ items: [] })
})
