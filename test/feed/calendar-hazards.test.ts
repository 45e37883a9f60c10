import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeICalendar } from '../../src/feed/public.ts'
import type { FeedDocument } from '../../src/model/feed-document.ts'
import { findRequirement } from '../requirements.ts'
import { calendarFaults } from './calendar-rules.ts'
import { aTime } from './feed-builder.ts'
import { hazards } from './hazard-feeds.ts'

/** The feed with an event in each item, which has the item's hazards in its own texts. */
function withEvents(feed: FeedDocument): FeedDocument {
  return {
    ...feed,
    items: feed.items.map((item) => ({
      ...item,
      events: [
        {
          title: item.title ?? '',
          start: aTime('2019-12-03T16:00:00.000Z', 'day'),
          end: null,
          place: item.summary,
        },
      ],
    })),
  }
}

const calendars = hazards.map(({ name, feed }) => ({ name, calendar: writeICalendar(withEvents(feed)) }))

describe.each(calendars)('a calendar with $name', ({ calendar }) => {
  test('is iCalendar by its rules, all fifty events', () => {
    expect(calendarFaults(calendar)).toEqual({ faults: [], events: 50 })
  })
})

test('a calendar that breaks the rules is told so', () => {
  const [{ calendar } = { calendar: '' }] = calendars
  const broken: readonly [string, string][] = [
    ['DTSTAMP:', 'DTSTAMP:x'],
    ['SUMMARY:', 'SUMMARY:a;b'],
    ['END:VEVENT\r\n', ''],
    ['\r\nUID:', '\r\nUID:1\r\nUID:'],
    ['DTSTART;VALUE=DATE:', 'DTSTART:'],
    ['VERSION:2.0', 'VERSION:1.0'],
    ['\r\n', '\n'],
  ]
  for (const [from, to] of broken) expect(calendarFaults(calendar.replace(from, to)).faults).not.toEqual([])
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'newsfold-calendar-'))
  for (const { name, calendar } of calendars) writeFileSync(join(folder, `${name}.ics`), calendar)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Programs that print, a line a file, how many events with a summary and a day in December they see. */
const readers = {
  icalendar: `
import sys, icalendar
for name in sys.argv[1:]:
    events = icalendar.Calendar.from_ical(open(name, 'rb').read()).walk('VEVENT')
    print(sum(1 for e in events if str(e['SUMMARY']) and e.decoded('DTSTART').isoformat() == '2019-12-04'))`,
  vobject: `
import sys, vobject
for name in sys.argv[1:]:
    events = vobject.readOne(open(name, encoding='utf8', newline='')).vevent_list
    print(sum(1 for e in events if e.summary.value and e.dtstart.value.isoformat() == '2019-12-04'))`,
  'ical.js': `
const { readFileSync } = require('node:fs')
const module = require('ical.js')
const ICAL = module.default ?? module
for (const name of process.argv.slice(1)) {
  const events = new ICAL.Component(ICAL.parse(readFileSync(name, 'utf8'))).getAllSubcomponents('vevent')
  console.log(events.map((e) => new ICAL.Event(e)).filter((e) => e.summary && e.startDate.toString() === '2019-12-04').length)
}`,
} as const

describe.each(['icalendar', 'vobject', 'ical.js'] as const)('%s', (name) => {
  const reader = findRequirement(name)
  test.skipIf(reader.isMissing)(`reads fifty events of every hazard's calendar${reader.note}`, () => {
    const files = calendars.map((calendar) => join(folder, `${calendar.name}.ics`))
    const flag = name === 'ical.js' ? '-e' : '-c'
    const environment = { ...process.env, PYTHONUTF8: '1' }
    const run = spawnSync(reader.program, [flag, readers[name], ...files], { encoding: 'utf8', env: environment })
    expect(run.stderr).toBe('')
    expect(run.stdout.trim().split('\n')).toEqual(calendars.map(() => '50'))
  })
})
