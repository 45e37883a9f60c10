import { expect, test, vi } from 'vitest'
import { createMemoryPacing, type PacingStore } from '../../src/crawlers/pacing.ts'

/** Milliseconds since 1970. */
let now = 0
const patient = 3_600_000

function aPacing(): PacingStore {
  now = 0
  return createMemoryPacing(() => now)
}

test('a host that was not asked may be asked at once, then a delay apart', async () => {
  const pacing = aPacing()
  expect(await pacing.reserve('a.example', 2000, patient)).toBe(0)
  expect(await pacing.reserve('a.example', 2000, patient)).toBe(2000)
  now = 500
  expect(await pacing.reserve('a.example', 2000, patient)).toBe(3500)
  now = 60_000
  expect(await pacing.reserve('a.example', 2000, patient)).toBe(0)
})

test('hosts do not wait for each other', async () => {
  const pacing = aPacing()
  await pacing.reserve('a.example', 2000, patient)
  expect(await pacing.reserve('b.example', 2000, patient)).toBe(0)
})

test('two sources of one host keep the longer of their delays', async () => {
  const pacing = aPacing()
  await pacing.reserve('a.example', 10_000, patient)
  expect(await pacing.reserve('a.example', 1000, patient)).toBe(10_000)
  expect(await pacing.reserve('a.example', 10_000, patient)).toBe(20_000)
})

test('a host that asked for it is left alone until then', async () => {
  const pacing = aPacing()
  await pacing.slowDown('a.example', 30_000)
  await pacing.slowDown('a.example', 10_000)
  expect(await pacing.reserve('a.example', 1000, patient)).toBe(30_000)
  expect(await pacing.reserve('a.example', 1000, patient)).toBe(31_000)
})

test('a slot that nobody would wait for is not taken', async () => {
  const pacing = aPacing()
  await pacing.reserve('a.example', 2000, patient)
  expect(await pacing.reserve('a.example', 2000, 1999)).toBe(Number.POSITIVE_INFINITY)
  expect(await pacing.reserve('a.example', 2000, 2000)).toBe(2000)
})

test('in one process no clock that is set back puts slots off', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-24T08:00:00Z') })
  try {
    const pacing = createMemoryPacing()
    await pacing.reserve('a.example', 2000, patient)
    vi.setSystemTime(new Date('2026-11-23T08:00:00Z'))
    expect(await pacing.reserve('a.example', 2000, patient)).toBeLessThanOrEqual(2000)
  } finally {
    vi.useRealTimers()
  }
})
