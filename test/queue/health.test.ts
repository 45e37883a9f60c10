import { expect, test } from 'vitest'
import type { CrawlRun } from '../../src/model/crawl-run.ts'
import type { RunObservations } from '../../src/model/source-health.ts'
import { diagnose, type Diagnosis } from '../../src/queue/health.ts'
import { intervalOf, learnRhythm } from '../../src/queue/rhythm.ts'

const now = new Date('2019-11-20T08:00:00Z')
const hour = 3_600_000
const day = 24 * hour
const ago = (ms: number) => new Date(now.getTime() - ms)

const seen: RunObservations = {
  read: 0,
  undated: 0,
  empty: 0,
  unruled: 0,
  failedListings: 0,
  isGone: false,
  block: null,
  isRedesigned: false,
}

function aRun(over: Partial<CrawlRun> = {}, observed: Partial<RunObservations> = {}): CrawlRun {
  return {
    id: '1',
    sourceId: 'city',
    startedAt: now,
    finishedAt: now,
    outcome: 'succeeded',
    found: 10,
    stored: 0,
    revised: 0,
    unchanged: 10,
    failed: 0,
    skipped: {},
    notModifiedListings: 0,
    requests: 1,
    bytes: 1,
    errors: [],
    ...over,
    observed: { ...seen, ...observed },
  }
}

const times = (count: number, run: () => CrawlRun) => Array.from({ length: count }, run)
const good = () => aRun({ stored: 2 }, { read: 2 })
const wholeRun = () => aRun({ stored: 10 }, { read: 10 })
const failed = (observed: Partial<RunObservations> = {}) =>
  aRun({ outcome: 'failed', found: 0, unchanged: 0, errors: ['Listing: got 500'] }, { failedListings: 1, ...observed })

const judge = (runs: readonly CrawlRun[], before: Diagnosis | null = null) =>
  diagnose(runs, { rhythm: null, before, now })

test('a source whose runs succeed is healthy', () => {
  expect(judge(times(5, good))).toEqual({ state: 'healthy', reason: null })
})

test('one or two failures change nothing, the third makes it broken and says why, and one success heals it', () => {
  const before = { state: 'healthy', reason: null } as const
  expect(judge([failed(), failed(), good()], before)).toEqual(before)
  const broken = judge([failed(), failed(), failed(), good()], before)
  expect(broken).toEqual({ state: 'broken', reason: '3 runs failed: Listing: got 500' })
  expect(judge([good(), failed(), failed(), failed()], broken)).toEqual(before)
})

test('what never worked is broken after its first run', () => {
  expect(judge([failed()])).toEqual({ state: 'broken', reason: '1 run failed: Listing: got 500' })
})

test('runs that were stopped from outside say nothing', () => {
  const stopped = aRun({ outcome: 'aborted' })
  expect(judge([stopped, failed(), stopped, failed(), failed(), good()]).state).toBe('broken')
  expect(judge([stopped], { state: 'quiet', reason: 'x' })).toEqual({ state: 'quiet', reason: 'x' })
})

test('somebody who keeps programs out twice is named', () => {
  const blocked = failed({ block: 'Cloudflare challenge' })
  expect(judge([blocked, good()], { state: 'healthy', reason: null }).state).toBe('healthy')
  expect(judge([blocked, blocked, good()])).toEqual({ state: 'blocked', reason: 'kept out by Cloudflare challenge' })
})

test('a list that is open with articles that are not is blocked as well', () => {
  const walled = aRun({ outcome: 'partial', failed: 5 }, { block: 'login wall' })
  expect(judge([aRun(), walled, aRun(), walled, good()])).toEqual({
    state: 'blocked',
    reason: 'its articles are kept by login wall',
  })
})

test('listings that are not there any more, for three runs, are gone', () => {
  const gone = failed({ isGone: true })
  expect(judge([gone, gone, gone, good()]).state).toBe('gone')
  expect(judge([gone, gone, failed(), good()]).state).toBe('broken')
})

test('a redesign is degraded: rules match nothing, and it goes on without them', () => {
  const redesigned = aRun({ stored: 1 }, { read: 1, isRedesigned: true })
  const { state, reason } = judge([aRun({ found: 0, unchanged: 0, notModifiedListings: 1 }), redesigned, good()])
  expect(state).toBe('degraded')
  expect(reason).toContain('automatic reading')
})

test.each([
  ['undated', 'have no date'],
  ['empty', 'have no text'],
] as const)('articles that are %s more often than before make it degraded', (part, words) => {
  const worse = () => aRun({ stored: 5 }, { read: 5, [part]: 4 })
  const { state, reason } = judge([...times(4, worse), ...times(4, wholeRun)])
  expect(state).toBe('degraded')
  expect(reason).toBe(`16 of its last 20 articles ${words}`)
})

test('a source that never states dates is not degraded for it', () => {
  expect(judge(times(20, () => aRun({ stored: 5 }, { read: 5, undated: 5 }))).state).toBe('healthy')
})

test('rules for articles that match nothing make it degraded', () => {
  expect(judge([aRun({ stored: 6 }, { read: 6, unruled: 5 }), good()]).state).toBe('degraded')
})

test('one of several listings that fails for three runs makes it degraded', () => {
  const half = aRun({ outcome: 'partial', errors: ['Listing /b: got 500'] }, { failedListings: 1 })
  expect(judge([half, half, good()]).state).toBe('healthy')
  expect(judge([half, half, half, good()])).toMatchObject({ state: 'degraded' })
})

/** Noon of each working day, as many as fit into so many days before now. */
const workingDays = (days: number, until = 0) =>
  Array.from({ length: days }, (_, index) => ago((index + until) * day)).filter(
    (time) => ![0, 6].includes(time.getUTCDay()),
  )

const quietSince = (days: number) => {
  const rhythm = learnRhythm(workingDays(60, days), now)
  return diagnose(times(3, good), { rhythm, before: null, now })
}

test('what publishes on working days is quiet neither at a weekend nor in a long holiday, but after ten days', () => {
  expect(quietSince(3).state).toBe('healthy')
  expect(quietSince(8).state).toBe('healthy')
  const quiet = quietSince(14)
  expect(quiet.state).toBe('quiet')
  expect(quiet.reason).toMatch(/^nothing new for 1[4-6] days; it publishes at least every 3d as a rule$/)
})

test('what publishes once a month is not quiet after three weeks', () => {
  const monthly = Array.from({ length: 10 }, (_, index) => ago(21 * day + index * 30 * day))
  expect(diagnose(times(3, good), { rhythm: learnRhythm(monthly, now), before: null, now }).state).toBe('healthy')
})

test('no rhythm is learned of a first crawl or of one batch', () => {
  expect(learnRhythm([], now)).toBeNull()
  expect(
    learnRhythm(
      Array.from({ length: 100 }, (_, index) => ago(day + index * 1000)),
      now,
    ),
  ).toBeNull()
})

test('dates in the future are no publications', () => {
  const rhythm = learnRhythm([...workingDays(30), new Date('2031-01-01')], now)
  expect(rhythm?.lastAt).toEqual(now)
})

test('a source is asked more often the more it publishes, and less while it is silent, within the bounds', () => {
  const bounds = { min: 10 * 60_000, max: 12 * hour }
  const every = (gap: number, silent = 0) =>
    learnRhythm(
      Array.from({ length: 40 }, (_, index) => ago(silent + index * gap)),
      now,
    )
  expect(intervalOf(null, bounds, now)).toBe(30 * 60_000)
  expect(intervalOf(every(20 * 60_000), bounds, now)).toBe(10 * 60_000)
  expect(intervalOf(every(2 * hour), bounds, now)).toBe(30 * 60_000)
  expect(intervalOf(every(day), bounds, now)).toBe(6 * hour)
  expect(intervalOf(every(7 * day), bounds, now)).toBe(12 * hour)
  expect(intervalOf(every(2 * hour, 5 * day), bounds, now)).toBe(6 * hour)
})
