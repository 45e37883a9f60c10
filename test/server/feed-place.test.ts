import { expect, test } from 'vitest'
import { pageOfStories } from '../../src/server/feed-place.ts'

const reached = '1572573600000000-00000000-0000-0000-0000-000000000000'

test('a search that came to no end goes on behind the place that it came to', () => {
  const found = { stories: [], reached }
  expect(pageOfStories(found, { kind: 'first' }, 50)).toEqual({
    stories: [],
    newer: null,
    older: { kind: 'before', cursor: reached },
  })
  expect(pageOfStories(found, { kind: 'last' }, 50).newer).toEqual({ kind: 'after', cursor: reached })
})
