import { expect, test } from 'vitest'
import { findOverlaps } from '../../bench/chaos/overlaps.ts'

/** Requests one after the other, each answered before the next one unless it is said otherwise. */
const seen = (...requests: readonly (readonly [agent: string, path: string, endedAt?: number])[]) =>
  findOverlaps(
    requests.map(([agent, path, endedAt], at) => ({ agent, path, beganAt: at, endedAt: endedAt ?? at + 0.5 })),
    '/list',
  )

test('crawls by two processes one after the other are none at a time', () => {
  expect(seen(['a', '/list'], ['a', '/1'], ['b', '/robots.txt'], ['b', '/list'], ['b', '/2'], ['a', '/list'])).toEqual(
    [],
  )
})

test('a process that goes on after another one has begun is found, with the requests around', () => {
  expect(seen(['a', '/list'], ['b', '/list'], ['a', '/1'])).toEqual([
    expect.stringMatching(/^a asked for \/1 in a crawl of b \(.* a \/list, .* b \/list, 0\.00 s a \/1\)$/),
  ])
})

test('a process that begins while another one is still answered is found', () => {
  expect(seen(['a', '/list'], ['a', '/1', 2.5], ['b', '/list'])).toEqual([
    expect.stringMatching(/^b asked for \/list in a crawl of a /),
  ])
})
