import { spawnSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import { writeICalendar } from '../../src/feed/public.ts'
import type { AnnouncedEvent } from '../../src/model/article.ts'
import { aFeed, anItem, aTime } from './feed-builder.ts'

function anEvent(changes: Partial<AnnouncedEvent> = {}): AnnouncedEvent {
  return { title: '航运大会', start: aTime('2019-12-03T16:00:00.000Z', 'day'), end: null, place: null, ...changes }
}

function uids(events: readonly AnnouncedEvent[]): (string | undefined)[] {
  return eventsOf(writeICalendar(aFeed({ items: [anItem({ events })] }))).map((event) => event.get('UID'))
}

/** The properties of each event, lines unfolded, after a check of what every line must be. */
function eventsOf(calendar: string): Map<string, string>[] {
  expect(calendar.startsWith('BEGIN:VCALENDAR\r\nVERSION:2.0\r\n')).toBe(true)
  expect(calendar.endsWith('END:VCALENDAR\r\n')).toBe(true)
  for (const line of calendar.split('\r\n')) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(line).not.toMatch(/[\0-\x08\n\r\x0b-\x1f\ufffd]/)
  }
  const unfolded = calendar.replaceAll('\r\n ', '')
  return [...unfolded.matchAll(/BEGIN:VEVENT\r\n([\s\S]*?)END:VEVENT/g)].map(
    ([, lines = '']) =>
      new Map(
        lines
          .trim()
          .split('\r\n')
          .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
      ),
  )
}

function datesOf(event: AnnouncedEvent): (string | undefined)[] {
  const properties = eventsOf(writeICalendar(aFeed({ items: [anItem({ events: [event] })] })))[0]
  const named = (name: string) => [...(properties ?? [])].find(([key]) => key.startsWith(name))
  return [named('DTSTART')?.join(':'), named('DTEND')?.join(':')]
}

describe('an announced event', () => {
  test.each<[string, Partial<AnnouncedEvent>, (string | undefined)[]]>([
    ['of a day', {}, ['DTSTART;VALUE=DATE:20191204', 'DTEND;VALUE=DATE:20191205']],
    [
      'of several days, its end exclusive',
      { end: aTime('2019-12-04T16:00:00.000Z', 'day') },
      ['DTSTART;VALUE=DATE:20191204', 'DTEND;VALUE=DATE:20191206'],
    ],
    [
      'of a month',
      { start: aTime('2019-11-30T16:00:00.000Z', 'month') },
      ['DTSTART;VALUE=DATE:20191201', 'DTEND;VALUE=DATE:20200101'],
    ],
    [
      'of a year',
      { start: aTime('2019-12-31T16:00:00.000Z', 'year') },
      ['DTSTART;VALUE=DATE:20200101', 'DTEND;VALUE=DATE:20210101'],
    ],
    ['at a time of day', { start: aTime('2019-12-04T01:00:00.000Z') }, ['DTSTART:20191204T010000Z', undefined]],
    [
      'with a beginning and an end',
      { start: aTime('2019-12-04T01:00:00.000Z'), end: aTime('2019-12-04T03:30:00.000Z') },
      ['DTSTART:20191204T010000Z', 'DTEND:20191204T033000Z'],
    ],
    [
      'from a time of day until the end of a day',
      { start: aTime('2019-12-04T01:00:00.000Z'), end: aTime('2019-12-04T16:00:00.000Z', 'day') },
      ['DTSTART:20191204T010000Z', 'DTEND:20191205T160000Z'],
    ],
    [
      'whose end is before its beginning',
      { start: aTime('2019-12-04T01:00:00.000Z'), end: aTime('2019-12-01T01:00:00.000Z') },
      ['DTSTART:20191204T010000Z', undefined],
    ],
    [
      'in a zone with summer time',
      { start: aTime('2019-06-30T22:00:00.000Z', 'day', 'Europe/Berlin') },
      ['DTSTART;VALUE=DATE:20190701', 'DTEND;VALUE=DATE:20190702'],
    ],
    [
      'in a zone that is an offset',
      { start: aTime('2019-07-01T04:00:00.000Z', 'day', '-04:00') },
      ['DTSTART;VALUE=DATE:20190701', 'DTEND;VALUE=DATE:20190702'],
    ],
  ])('%s', (_, event, dates) => {
    expect(datesOf(anEvent(event))).toEqual(dates)
  })

  test('without a date is left out, and the others stay', () => {
    const events = [anEvent({ start: aTime('soon') }), anEvent()]
    expect(eventsOf(writeICalendar(aFeed({ items: [anItem({ events })] })))).toHaveLength(1)
  })

  test('says what, where, and from which announcement', () => {
    const event = anEvent({ title: '大会；报到, 签到\\\n第二天', place: '滨海会展中心, 一号馆' })
    const properties = eventsOf(writeICalendar(aFeed({ items: [anItem({ events: [event] })] })))[0]
    expect(Object.fromEntries(properties ?? [])).toMatchObject({
      SUMMARY: '大会；报到\\, 签到\\\\ 第二天',
      LOCATION: '滨海会展中心\\, 一号馆',
      DESCRIPTION: '港口开通三条新航线\\n三条航线本周起运行。\\nhttps://port.example/news/1.html',
      'URL;VALUE=URI': 'https://port.example/news/1.html',
      DTSTAMP: '20191031T023000Z',
      TRANSP: 'TRANSPARENT',
    })
  })

  test('keeps its UID when its date is corrected, and shares it with no other', () => {
    const before = uids([anEvent(), anEvent(), anEvent({ title: '闭幕式' })])
    const after = uids([
      anEvent({ start: aTime('2019-12-10T16:00:00.000Z', 'day') }),
      anEvent(),
      anEvent({ title: '闭幕式' }),
    ])
    expect(after).toEqual(before)
    expect(new Set(before).size).toBe(3)
  })
})

test('hygiene holds for calendars too', () => {
  const event = anEvent({ title: `\u0001大会\ud83d${'😀'.repeat(60)}`, place: '\ufffe馆' })
  const properties = eventsOf(writeICalendar(aFeed({ title: '\0日历', items: [anItem({ events: [event] })] })))[0]
  expect(properties?.get('SUMMARY')).toBe(`大会${'😀'.repeat(60)}`)
  expect(properties?.get('LOCATION')).toBe('馆')
})

test('a calendar is the same text at another time', () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') })
  const feed = aFeed({ updatedAt: null, items: [anItem({ events: [anEvent()], publishedAt: null, updatedAt: null })] })
  const first = writeICalendar(feed)
  vi.setSystemTime(new Date('2027-06-01T00:00:00Z'))
  expect(writeICalendar(feed)).toBe(first)
  vi.useRealTimers()
})

test('a calendar is the same text under every TZ', () => {
  const script = `
    import { writeICalendar } from './src/feed/public.ts'
    const zone = 'Asia/Shanghai', from = 'test'
    const day = { at: '2019-12-03T16:00:00.000Z', precision: 'day', zone, from }
    const minute = { at: '2019-03-10T10:30:00.000Z', precision: 'minute', zone: 'America/New_York', from }
    const events = [{ title: 'a', start: day, end: day, place: null }, { title: 'b', start: minute, end: null, place: null }]
    const item = { id: '1', url: null, title: 't', summary: null, contentHtml: null, authors: [], origin: null, categories: [],
      publishedAt: minute, updatedAt: null, images: [], attachments: [], copies: [], language: null, events }
    process.stdout.write(writeICalendar({ title: 't', description: null, homeUrl: null, selfUrl: null, hubUrl: null, language: null,
      updatedAt: null, ttlMinutes: null, items: [item] }))`
  const texts = ['UTC', 'Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati'].map((TZ) => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, TZ },
    })
    return run.stdout || run.stderr
  })
  expect(texts[0]).toContain('DTSTART;VALUE=DATE:20191204')
  expect(new Set(texts).size).toBe(1)
})
