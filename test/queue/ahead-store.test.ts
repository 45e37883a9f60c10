import { expect, test, vi } from 'vitest'
import type { Fetched } from '../../src/crawlers/http-client.ts'
import type { Page } from '../../src/model/page.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { createAheadStore } from '../../src/queue/ahead-store.ts'

const listing = 'https://city.example/'
const aSource = () => sourceSchema.parse({ id: 'city', name: 'city', listings: [listing], schedule: { every: '1h' } })

function answer(bytes = 1): ReadonlyMap<string, Fetched> {
  const page: Page = {
    requestedUrl: listing,
    url: listing,
    status: 200,
    body: new Uint8Array(bytes),
    contentType: 'text/html',
    fetchedAt: new Date(0),
    etag: null,
    lastModified: null,
  }
  return new Map([[listing, { kind: 'fetched', page, requests: 1, receivedBytes: bytes }]])
}

test('answers are there once, for the job that they were kept for', () => {
  const store = createAheadStore()
  const source = aSource()
  store.keep('tick-1', source, answer())
  expect(store.take('tick-2', source).size).toBe(0)
  expect([...store.take('tick-1', source).keys()]).toEqual([listing])
  expect(store.take('tick-1', source).size).toBe(0)
})

test('answers of a source whose file was changed since are not used', () => {
  const store = createAheadStore()
  store.keep('tick-1', aSource(), answer())
  expect(store.take('tick-1', aSource()).size).toBe(0)
})

test('answers of before a process was stopped are not used', () => {
  const store = createAheadStore()
  const source = aSource()
  store.keep('tick-1', source, answer())
  const steady = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(steady + 11_000)
  expect(store.take('tick-1', source).size).toBe(0)
  vi.restoreAllMocks()
})

test('what there is no room for is asked for again', () => {
  const store = createAheadStore(100)
  const source = aSource()
  store.keep('tick-1', source, answer(60))
  store.keep('tick-2', source, answer(60))
  expect([store.take('tick-1', source).size, store.take('tick-2', source).size]).toEqual([1, 0])
  store.keep('tick-2', source, answer(60))
  expect(store.take('tick-2', source).size).toBe(1)
})
