import { expect, test } from 'vitest'
import { createMemoryPacing } from '../../src/crawlers/pacing.ts'

const at = (ms: number) => new Date(Date.parse('2019-11-05T02:00:00Z') + ms)

test('a host that was not asked may be asked at once, then a delay apart', async () => {
  const pacing = createMemoryPacing()
  expect(await pacing.reserve('a.example', 2000, at(0))).toBe(0)
  expect(await pacing.reserve('a.example', 2000, at(0))).toBe(2000)
  expect(await pacing.reserve('a.example', 2000, at(500))).toBe(3500)
  expect(await pacing.reserve('a.example', 2000, at(60_000))).toBe(0)
})

test('hosts do not wait for each other', async () => {
  const pacing = createMemoryPacing()
  await pacing.reserve('a.example', 2000, at(0))
  expect(await pacing.reserve('b.example', 2000, at(0))).toBe(0)
})

test('two sources of one host keep the longer of their delays', async () => {
  const pacing = createMemoryPacing()
  await pacing.reserve('a.example', 10_000, at(0))
  expect(await pacing.reserve('a.example', 1000, at(0))).toBe(10_000)
  expect(await pacing.reserve('a.example', 10_000, at(0))).toBe(20_000)
})

test('a host that asked for it is left alone until then', async () => {
  const pacing = createMemoryPacing()
  await pacing.slowDown('a.example', at(30_000))
  await pacing.slowDown('a.example', at(10_000))
  expect(await pacing.reserve('a.example', 1000, at(0))).toBe(30_000)
  expect(await pacing.reserve('a.example', 1000, at(0))).toBe(31_000)
})
