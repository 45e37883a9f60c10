import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { looksLikeFeed, readFeed } from '../../src/feed/public.ts'

const folder = 'test/fixtures/feed/read'
const cases = readdirSync(folder)
const caseSchema = z.strictObject({
  why: z.string().min(10),
  url: z.url(),
  contentType: z.string().optional(),
  timeZone: z.string().optional(),
  expected: z.looseObject({ items: z.array(z.record(z.string(), z.unknown())) }),
})

test('there are cases to read', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40)
})

test.each(cases)('the feed %s is read as its case says', (name) => {
  const { url, contentType, timeZone, expected } = caseSchema.parse(
    JSON.parse(readFileSync(`${folder}/${name}/case.json`, 'utf8')),
  )
  const file = ['feed.xml', 'feed.json'].map((file) => `${folder}/${name}/${file}`).find((path) => existsSync(path))
  const body = readFileSync(file ?? '')
  const feed = readFeed(body, { url, ...(contentType ? { contentType } : {}), ...(timeZone ? { timeZone } : {}) })
  expect(feed).toMatchObject(expected)
})

test.each(cases.filter((name) => !['junk-around'].includes(name)))('the feed %s looks like one', (name) => {
  const file = ['feed.xml', 'feed.json'].map((file) => `${folder}/${name}/${file}`).find((path) => existsSync(path))
  expect(looksLikeFeed(readFileSync(file ?? ''))).toBe(true)
})
