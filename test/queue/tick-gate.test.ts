import { expect, test } from 'vitest'
import { sourceSchema } from '../../src/model/source.ts'
import { fateOf, quietUntil } from '../../src/queue/tick-gate.ts'

const aSource = (schedule: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  sourceSchema.parse({
    id: 'city',
    name: '市政府',
    listings: ['https://a.example/'],
    schedule: { every: '15m', ...schedule },
    ...more,
  })
const until = (schedule: Record<string, unknown>, now: string) =>
  quietUntil(aSource(schedule), new Date(now))?.toISOString() ?? null

const night = { quiet: { from: '23:00', to: '06:00' } }
const noPauses = { sources: new Set<string>(), tags: new Set<string>() }
const noon = new Date('2026-11-23T04:00:00Z')
const midnight = new Date('2026-11-23T16:00:00Z')

test.each([
  // Beijing is eight hours ahead.
  ['2026-11-23T14:59:59Z', null],
  ['2026-11-23T15:00:00Z', '2026-11-23T22:00:00.000Z'],
  ['2026-11-23T16:00:00Z', '2026-11-23T22:00:00.000Z'],
  ['2026-11-23T21:59:59Z', '2026-11-23T22:00:00.000Z'],
  ['2026-11-23T22:00:00Z', null],
])('quiet hours over midnight: at %s until %s', (now, end) => {
  expect(until(night, now)).toBe(end)
})

test.each([
  ['2026-11-23T03:59:00Z', null],
  ['2026-11-23T04:00:00Z', '2026-11-23T05:30:00.000Z'],
  ['2026-11-23T05:30:00Z', null],
])('quiet hours within a day: at %s until %s', (now, end) => {
  expect(until({ quiet: { from: '12:00', to: '13:30' } }, now)).toBe(end)
})

test('quiet hours are by the clock of the schedule’s zone, in the night in which it is put back too', () => {
  const schedule = { timeZone: 'Europe/Berlin', quiet: { from: '01:30', to: '06:00' } }
  // At 01:00 UTC the clock goes from 03:00 back to 02:00; six o'clock is an hour later than the day before.
  expect(until(schedule, '2026-10-25T00:30:00Z')).toBe('2026-10-25T05:00:00.000Z')
  expect(until(schedule, '2026-10-24T00:30:00Z')).toBe('2026-10-24T04:00:00.000Z')
})

test.each([
  [{ from: '23:00', to: '23:00' }, /differ/],
  [{ from: '24:00', to: '06:00' }, /time of day/],
  [{ from: '23:00' }, /to/],
])('quiet hours %j are refused', (quiet, says) => {
  const { error } = sourceSchema.safeParse({ ...aSource({}), schedule: { every: '15m', quiet } })
  expect(JSON.stringify(error?.issues)).toMatch(says)
})

test('a schedule ticks outside its quiet hours and rests in them', () => {
  expect(fateOf(aSource(night), noPauses, noon)).toEqual({ kind: 'crawl' })
  expect(fateOf(aSource(night), noPauses, midnight)).toMatchObject({ kind: 'quiet' })
})

/** When each of twenty sources wakes, in minutes after its quiet hours. */
const wakings = (schedule: Record<string, unknown>) => {
  const end = Date.parse('2026-11-23T22:00:00Z')
  return Array.from({ length: 20 }, (_, index) => {
    const fate = fateOf(aSource({ ...night, ...schedule }, { id: `s${index}` }), noPauses, midnight)
    return fate.kind === 'quiet' ? (fate.until.getTime() - end) / 60_000 : Number.NaN
  })
}

test.each([
  ['five minutes', {}, 5],
  ['five minutes where ticks are at moments of the clock', { every: undefined, cron: '0 * * * *' }, 5],
  ['their interval where that is shorter', { every: '1m' }, 1],
  ['the shortest interval that they may learn', { every: undefined, adaptive: { min: '2m', max: '6h' } }, 2],
  ['their jitter', { jitter: '12m' }, 12],
])('sources whose quiet hours end together wake within %s, each at a moment of its own', (_what, schedule, minutes) => {
  const at = wakings(schedule)
  expect(Math.min(...at)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...at)).toBeLessThan(minutes)
  expect(new Set(at.map((minute) => Math.floor((5 * minute) / minutes))).size).toBeGreaterThan(3)
  expect(wakings(schedule)).toEqual(at)
})

test('a pause of the source or of one of its tags holds the schedule', () => {
  const source = aSource({}, { tags: ['ministry', 'trade'] })
  const bySource = { ...noPauses, sources: new Set(['city']) }
  const byTag = { ...noPauses, tags: new Set(['trade']) }
  const ofOthers = { sources: new Set(['town']), tags: new Set(['media']) }
  for (const pauses of [bySource, byTag]) expect(fateOf(source, pauses, noon)).toEqual({ kind: 'paused' })
  expect(fateOf(source, ofOthers, noon)).toEqual({ kind: 'crawl' })
})
