import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import type { Overview } from '../../src/cli/overview.ts'
import { awayScreen, statusScreen } from '../../src/cli/status-screen.ts'
import { wrap } from '../../src/cli/table.ts'

const at = new Date('2019-11-05T02:00:00Z')

function anOverview(over: Partial<Overview> = {}): Overview {
  return {
    version: '0.1.0',
    at,
    archive: { kind: 'external', articles: 1_234_567, stories: 987_654 },
    freeBytes: 5 * 2 ** 40,
    queue: {
      backend: 'postgres',
      problem: null,
      isPaused: false,
      counts: { waiting: 1200, active: 8, delayed: 34, failed: 5, completed: 0 },
      workers: 2,
    },
    deliveries: {
      isPaused: false,
      channels: [
        { channel: 'websub', waiting: 1100, dead: 0 },
        { channel: 'webhook', waiting: 20, dead: 3 },
        { channel: 'hub', waiting: 0, dead: 1 },
      ],
    },
    sources: { enabled: 1500, disabled: 12, broken: 3, paused: 40 },
    health: { gone: 1, blocked: 2, broken: 3, degraded: 0, quiet: 40, healthy: 1400, unread: 54 },
    overdue: [],
    next: ['city', 'town', 'ministry-of-water', 'harbour', 'university-press'].map((sourceId) => ({ sourceId, at })),
    lastHour: {
      runs: { succeeded: 5000, partial: 20, failed: 30, aborted: 0 },
      stored: 3210,
      revised: 45,
      failedPages: 67,
      requests: 89_000,
      bytes: 2 ** 30,
    },
    alerts: [],
    troubled: [],
    ...over,
  }
}

const long = '第 3 次抓取失败：服务器没有回答，请检查地址 https://very-long-host-name.example/list?page=1 '.repeat(4)
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)))

test('the screen says how many sources are in which state, what is to be delivered to whom, and that nothing is wrong', () => {
  const screen = statusScreen(anOverview(), 200)
  for (const line of [
    /^crawls +1,200 waiting, 8 running, 34 to come, 5 given up$/m,
    /^deliveries +1,120 waiting \(1,100 to subscribers, 20 to webhooks\), 4 given up$/m,
    /^health +1,400 healthy, 40 quiet, 3 broken, 2 blocked, 1 gone, 54 unread$/m,
    /^alerts +none$/m,
  ])
    expect(screen).toMatch(line)
})

test('alerts that are on stand below with what they say, those that are muted too', () => {
  const keys = ['disk', 'queue', 'source:a', 'source:b', 'source:c', 'source:d']
  const screen = statusScreen(
    anOverview({ alerts: keys.map((key) => ({ key, says: `says\n${key}`, since: at, isMuted: key === 'queue' })) }),
    80,
  )
  expect(screen).toMatch(/^alerts +6 on$/m)
  expect(screen).toMatch(/^disk +\d\d:\d\d:\d\d +says disk$/m)
  expect(screen).toMatch(/^queue +\d\d:\d\d:\d\d +muted +says queue$/m)
  expect(screen).not.toContain('source:d')
  expect(screen).toContain('… and 1 more: newsfold alerts')
})

test('a queue that does not answer is said in place of its figures, and so is what is held', () => {
  const away = { backend: 'redis', problem: 'It did not answer.', isPaused: true, counts: null, workers: 0 } as const
  const screen = statusScreen(anOverview({ queue: away, deliveries: { isPaused: true, channels: [] } }), 80)
  expect(screen).toMatch(/^queue +on redis, PAUSED: nothing works on it$/m)
  expect(screen).toMatch(/^crawls +It did not answer\.$/m)
  expect(screen).toMatch(/^deliveries +PAUSED: 0 waiting, 0 given up$/m)
})

test('it fits eighty columns whatever there is to be said, and words are not lost at the end of a line', () => {
  const sourceId = 'the-ministry-of-water-and-of-everything-else-in-the-province'
  const overview = anOverview({
    queue: { ...anOverview().queue, counts: null, problem: long },
    overdue: [{ sourceId, lateMs: 3_600_000 }],
    alerts: [{ key: `source:${sourceId}`, says: long, since: at, isMuted: true }],
    troubled: Array.from({ length: 12 }, () => ({ sourceId, at, error: long })),
  })
  const away = { address: `postgresql://newsfold@${'db.'.repeat(30)}example:5432/newsfold`, since: at, reason: long }
  for (const screen of [statusScreen(overview, 80), statusScreen(anOverview(), 80), awayScreen(away, at, 80)])
    expect(widest(screen)).toBeLessThanOrEqual(80)
  expect(statusScreen(anOverview(), 80).replaceAll(/\s+/g, ' ')).toContain('university-press')
  expect(statusScreen(overview, 80).split('\n').length).toBeLessThanOrEqual(40)
})

test('a text is broken between words, and a word that is wider than a line is cut', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('城东区 供水 通告', 11)).toEqual(['城东区 供水', '通告'])
  expect(wrap('a supercalifragilistic b', 8)).toEqual(['a', 'superca…', 'b'])
})
