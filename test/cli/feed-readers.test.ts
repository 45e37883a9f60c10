import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { findRequirement } from '../requirements.ts'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

// A hang guard: a whole demo on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })

const [feedparser, newsboat, xmllint] = [
  findRequirement('feedparser'),
  findRequirement('newsboat'),
  findRequirement('xmllint'),
]
const folder = mkdtempSync(join(tmpdir(), 'newsfold-readers-'))
const file = join(folder, 'all.rss')
let newsfold: Installation
let demo: Running
let url = ''
/** Guids and titles as our own words have them. */
let guids: string[] = []

beforeAll(async () => {
  newsfold = anInstallation({}, { isNew: true })
  demo = newsfold.start(['demo'])
  // Each publisher's first run, so that the feed is whole and changes no more for a while.
  for (const id of ['ministry', 'city', 'portal']) {
    const firstRun = new RegExp(`^\\d\\d:\\d\\d:\\d\\d +${id} +✓ \\d+ new`, 'm')
    await vi.waitUntil(() => firstRun.test(demo.out()), { timeout: 60_000, interval: 100 })
  }
  url = /http:\S+\/feeds\/all\.rss/.exec(demo.out())?.[0] ?? ''
  const text = await (await fetch(url)).text()
  writeFileSync(file, text)
  guids = [...text.matchAll(/<guid[^>]*>([^<]+)<\/guid>/g)].map(([, guid = '']) => guid)
})
afterAll(async () => {
  demo.child.kill('SIGINT')
  await demo.finished
  await newsfold.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('the feed of the demo has an item for every story, each with an id of its own', () => {
  expect(guids.length).toBeGreaterThan(20)
  expect(new Set(guids).size).toBe(guids.length)
})

describe.skipIf(xmllint.isMissing)(`read by xmllint${xmllint.note}`, () => {
  test('it is well-formed XML', () => {
    const { status, stderr } = spawnSync(xmllint.program, ['--noout', file], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})

const parsedSchema = z.object({
  bozo: z.boolean(),
  version: z.string(),
  entries: z.array(z.object({ id: z.string(), title: z.string(), content: z.number(), hasTime: z.boolean() })),
})

describe.skipIf(feedparser.isMissing)(`read by feedparser${feedparser.note}`, () => {
  test('it is faultless RSS 2.0, and every item is there with title, text and time', () => {
    const script = `
import feedparser, json, sys
d = feedparser.parse(open(sys.argv[1], 'rb').read())
print(json.dumps({'bozo': bool(d.bozo), 'version': d.version, 'entries': [
  {'id': e.id, 'title': e.title, 'content': len(e.content[0].value), 'hasTime': e.get('published_parsed') is not None}
  for e in d.entries]}))`
    const { status, stdout, stderr } = spawnSync(feedparser.program, ['-c', script, file], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    const parsed = parsedSchema.parse(JSON.parse(stdout))
    expect([parsed.bozo, parsed.version]).toEqual([false, 'rss20'])
    expect(parsed.entries.map(({ id }) => id)).toEqual(guids)
    const poor = parsed.entries.filter(({ title, content, hasTime }) => title === '' || content < 20 || !hasTime)
    expect(poor).toEqual([])
  })
})

describe.skipIf(newsboat.isMissing)(`read by newsboat${newsboat.note}`, () => {
  test('every item is there, unread', () => {
    const urls = join(folder, 'urls')
    writeFileSync(urls, `${url}\n`)
    writeFileSync(join(folder, 'config'), '')
    const common = ['-u', urls, '-c', join(folder, 'cache.db'), '-C', join(folder, 'config')]
    const run = (what: string) =>
      spawnSync(newsboat.program, [...common, '-x', what], {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
        timeout: 60_000,
      })
    expect(run('reload').status).toBe(0)
    expect(run('print-unread').stdout).toContain(`${guids.length} unread articles`)
  })
})
