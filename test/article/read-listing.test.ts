import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readListingPage } from '../../src/article/listing/read-listing.ts'
import { listingRulesSchema } from '../../src/model/source.ts'

const fixtures = join(import.meta.dirname, '../fixtures/listing')
const caseSchema = z.strictObject({
  why: z.string(),
  url: z.url(),
  contentType: z.string().nullable().default(null),
  fetchedAt: z.iso.datetime({ offset: true }).optional(),
  timeZone: z.string().default('Asia/Shanghai'),
  rules: listingRulesSchema.optional(),
})
const expectedSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      url: z.string(),
      title: z.string().nullable(),
      publishedAt: z.string().nullable(),
      summary: z.string().optional(),
    }),
  ),
  nextUrl: z.string().nullable().default(null),
  warnings: z.array(z.string()).default([]),
})

function readFixture(name: string) {
  const folder = join(fixtures, name)
  const given = caseSchema.parse(parse(readFileSync(join(folder, 'case.yaml'), 'utf8')))
  const { rules, fetchedAt, url, contentType, timeZone } = given
  const source = {
    url,
    contentType,
    timeZone,
    body: readFileSync(join(folder, 'page.html')),
    ...(fetchedAt === undefined ? {} : { fetchedAt: new Date(fetchedAt) }),
  }
  const expected = expectedSchema.parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')))
  return { got: readListingPage(source, rules), expected }
}

const names = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'case.yaml')))

test('there are list pages of many shapes', () => {
  expect(names.length).toBeGreaterThan(0)
})

test.each(names)('the list page %s reads as its labels say', (name) => {
  const { got, expected } = readFixture(name)
  const items = got.items.map(({ url, title, publishedAt, summary }, index) => ({
    url,
    title,
    publishedAt: publishedAt === null ? null : `${publishedAt.at} ${publishedAt.precision}`,
    ...(expected.items[index]?.summary === undefined ? {} : { summary }),
  }))
  expect({ items, nextUrl: got.nextUrl, warnings: got.warnings }).toEqual(expected)
})
