import { expect, test } from 'vitest'
import type { PacingStore } from '../../src/crawlers/pacing.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import { RequestTurn } from '../../src/crawlers/request-turn.ts'
import { createRunContext } from '../../src/crawlers/run-context.ts'
import { aNewsroom, anArchive } from './a-newsroom.ts'
import { aSource } from './memory-ports.ts'

const never = new AbortController().signal
const options = { runId: '1', userAgent: 'Newsfold/0 (+test)' }

/** A turn at a host that has one place, whose slots are given when the test says so. */
async function aTurn() {
  const server = await aNewsroom()
  const slots: (() => void)[] = []
  const pacing: PacingStore = {
    reserve: () => new Promise((resolve) => slots.push(() => resolve(0))),
    slowDown: () => Promise.resolve(),
  }
  const requestPlaces = createRequestPlaces(1)
  const signals = { stopping: never, ending: never }
  const context = createRunContext(aSource(server), anArchive({ requestPlaces, pacing }).ports, options, signals)
  return { turn: new RequestTurn(context), url: server.origin, host: server.host, requestPlaces, slots }
}

test('a page that sends a browser on twice waits for no place that it holds itself', async () => {
  const { turn, url, host, requestPlaces, slots } = await aTurn()
  const first = turn.take(`${url}/1`, 0)
  await expect.poll(() => slots.length).toBe(1)
  const second = turn.take(`${url}/2`, 0)
  await expect.poll(() => slots.length).toBe(2)
  for (const give of slots) give()
  await expect(first).rejects.toMatchObject({ code: 'http.superseded' })
  await second
  expect(requestPlaces.tryOfAll()).toBeNull()
  turn.end()
  expect(requestPlaces.tryOfAll()).not.toBeNull()
  expect(await requestPlaces.atHost(host, 1, { withinMs: 1, signal: never })).not.toBeNull()
})

test('a turn that ends while it waits keeps no place', async () => {
  const { turn, url, host, requestPlaces, slots } = await aTurn()
  const taking = turn.take(url, 0)
  await expect.poll(() => slots.length).toBe(1)
  turn.end()
  for (const give of slots) give()
  await expect(taking).rejects.toMatchObject({ code: 'http.superseded' })
  expect(requestPlaces.tryOfAll()).not.toBeNull()
  expect(await requestPlaces.atHost(host, 1, { withinMs: 1, signal: never })).not.toBeNull()
})
