import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { writeAtom, writeICalendar, writeOpml, writeRss } from '../../src/feed/public.ts'
import { aFeed, anItem, aTime } from './feed-builder.ts'
import { hazards } from './hazard-feeds.ts'

// Readers that people use, where the machine has them. NEWSFOLD_REQUIRE="newsboat feedparser …" makes a missing one a failure.

const required = (process.env['NEWSFOLD_REQUIRE'] ?? '').split(/[\s,]+/)

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { timeout: 20_000 }).status === 0
}

/** A Python that has a module; its first name is the module's. */
function pythonWith(module: string): Program & { readonly python: string } {
  const python = ['python3', '/usr/bin/python3'].find((python) => works(python, ['-c', `import ${module}`]))
  return { name: module, isThere: python !== undefined, python: python ?? 'python3' }
}

interface Program {
  readonly name: string
  readonly isThere: boolean
}

/** Whether its tests are skipped; never when the program is required. */
function isMissing(program: Program): boolean {
  return !program.isThere && !required.includes(program.name)
}

/** What a skipped test says of itself. */
function note(program: Program): string {
  return isMissing(program) ? ` (skipped: ${program.name} is not installed)` : ''
}

const xmllint: Program = { name: 'xmllint', isThere: works('xmllint', ['--version']) }
const newsboat: Program = { name: 'newsboat', isThere: works('newsboat', ['--version']) }
const feedparser = pythonWith('feedparser')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'newsfold-feed-'))
  for (const { name, feed } of hazards) {
    writeFileSync(join(folder, `${name}.rss`), writeRss(feed))
    writeFileSync(join(folder, `${name}.atom`), writeAtom(feed))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = hazards.flatMap(({ name }) => [`${name}.rss`, `${name}.atom`])

/** xmllint's judgement by the grammar of RFC 4287. */
function validate(names: readonly string[]) {
  const args = ['--noout', '--relaxng', resolve('test/feed/atom.rng'), ...names]
  return spawnSync(xmllint.name, args, { cwd: folder, encoding: 'utf8' })
}

describe('xmllint', () => {
  test.skipIf(isMissing(xmllint))(`finds every hazard feed well-formed${note(xmllint)}`, () => {
    expect(xmllint.isThere).toBe(true)
    writeFileSync(
      join(folder, 'feeds.opml'),
      writeOpml([{ title: 'A & B <c>', xmlUrl: 'https://a.example/港.rss', htmlUrl: null }]),
    )
    const run = spawnSync(xmllint.name, ['--noout', ...files, 'feeds.opml'], { cwd: folder, encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
  })

  test.skipIf(isMissing(xmllint))(`finds every hazard feed valid by the grammar of RFC 4287${note(xmllint)}`, () => {
    const atoms = hazards.map(({ name }) => `${name}.atom`)
    const run = validate(atoms)
    expect(run.stderr.trim().split('\n')).toEqual(atoms.map((name) => `${name} validates`))
    const [{ feed } = { feed: aFeed() }] = hazards
    const atom = writeAtom(feed)
    const broken: readonly [string | RegExp, string][] = [
      [/<updated>.*?<\/updated>/, ''],
      ['</id>', '</id><id>urn:x:y</id>'],
      [/<entry><id>.*?<\/id>/, '<entry><id>公告</id>'],
      ['<author>', '<author><title>x</title>'],
      [/<link rel="alternate" href="[^"]*"/, '<link rel="alternate" href="/relative"'],
    ]
    for (const [index, [from, to]] of broken.entries()) {
      writeFileSync(join(folder, `broken-${index}.atom`), atom.replace(from, to))
      expect(validate([`broken-${index}.atom`]).status).toBe(3)
    }
  })
})

describe('feedparser', () => {
  test.skipIf(isMissing(feedparser))(
    `reads fifty entries of every hazard feed without a complaint${note(feedparser)}`,
    () => {
      expect(feedparser.isThere).toBe(true)
      const script = `
import sys, json, feedparser
out = {}
for name in sys.argv[1:]:
    feed = feedparser.parse(name)
    out[name] = [bool(feed.bozo), len(feed.entries), sum(1 for e in feed.entries if e.get('title') and e.get('id'))]
print(json.dumps(out))`
      const run = spawnSync(feedparser.python, ['-c', script, ...files], { cwd: folder, encoding: 'utf8' })
      const results = z
        .record(z.string(), z.tuple([z.boolean(), z.number(), z.number()]))
        .parse(JSON.parse(run.stdout || run.stderr))
      expect(results).toEqual(Object.fromEntries(files.map((name) => [name, [false, 50, 50]])))
    },
  )
})

describe('newsboat', () => {
  test.skipIf(isMissing(newsboat))(
    `shows fifty of fifty items of every hazard feed${note(newsboat)}`,
    () => {
      expect(newsboat.isThere).toBe(true)
      for (const name of files) {
        writeFileSync(join(folder, 'urls'), `file://${join(folder, name)}\n`)
        const args = ['-u', 'urls', '-c', `${name}.db`, '-C', '/dev/null', '-x']
        const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder, TERM: 'dumb' } } as const
        spawnSync(newsboat.name, [...args, 'reload'], options)
        const unread = spawnSync(newsboat.name, [...args, 'print-unread'], options)
        expect(`${name}: ${unread.stdout.trim()}`).toBe(`${name}: 50 unread articles`)
      }
    },
    120_000,
  )
})

const calendar = aFeed({
  items: [
    anItem({
      title: '航运大会将于十二月举行',
      events: [
        {
          title: '航运大会，第一天；报到\\签到',
          start: aTime('2019-12-03T16:00:00.000Z', 'day'),
          end: aTime('2019-12-04T16:00:00.000Z', 'day'),
          place: '滨海会展中心',
        },
        { title: '新闻发布会'.repeat(20), start: aTime('2019-10-31T02:00:00.000Z'), end: null, place: null },
      ],
    }),
  ],
})

describe.each([pythonWith('icalendar'), pythonWith('vobject')])('$name', (program) => {
  test.skipIf(isMissing(program))(`reads the calendar of announced events${note(program)}`, () => {
    expect(program.isThere).toBe(true)
    writeFileSync(join(folder, 'events.ics'), writeICalendar(calendar))
    const script =
      program.name === 'icalendar'
        ? `
import icalendar
for event in icalendar.Calendar.from_ical(open('events.ics', 'rb').read()).walk('VEVENT'):
    print(event['SUMMARY'], '|', event.decoded('DTSTART').isoformat(), '|', event.decoded('DTEND').isoformat() if 'DTEND' in event else '')`
        : `
import vobject
for event in vobject.readOne(open('events.ics', encoding='utf8')).vevent_list:
    print(event.summary.value, '|', event.dtstart.value.isoformat(), '|', event.dtend.value.isoformat() if hasattr(event, 'dtend') else '')`
    const run = spawnSync(program.python, ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYTHONUTF8: '1' },
    })
    expect(run.stderr).toBe('')
    expect(run.stdout.trim().split('\n')).toEqual([
      '航运大会，第一天；报到\\签到 | 2019-12-04 | 2019-12-06',
      expect.stringMatching(/^(?:新闻发布会){20} \| 2019-10-31T02:00:00\+00:00 \|/),
    ])
  })
})
