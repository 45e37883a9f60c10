import { expect, test } from 'vitest'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { feedQueryOf, unknownNames } from '../../src/server/feed-query.ts'
import { sources } from './a-server.ts'

const known = new Map(sources.map((source) => [source.id, source]))
const aFeed = (keys: object) => feedDefinitionSchema.parse({ id: 'fair', title: '展会', ...keys })

const sourcesOf = (keys: object) => feedQueryOf(aFeed(keys), known).sourceIds

test('sources, tags and kinds of publisher must all hold', () => {
  expect(sourcesOf({})).toBeNull()
  expect(sourcesOf({ publishers: ['government'] })).toEqual(['ministry', 'city'])
  expect(sourcesOf({ publishers: ['government'], tags: ['city', 'media'] })).toEqual(['city'])
  expect(sourcesOf({ sources: ['portal', 'city'], publishers: ['government'] })).toEqual(['city'])
  expect(sourcesOf({ sources: ['portal'], tags: ['city'] })).toEqual([])
})

test('a query that cannot be understood is told with the feed, the key and the place', () => {
  expect(() => feedQueryOf(aFeed({ query: '(展会' }), known)).toThrow(/"fair": query: .*Character 1: .*feeds\.yaml/)
  expect(() => feedQueryOf(aFeed({ words: { none: ['。'] } }), known)).toThrow(/"fair": words\.none: .*"。"/)
})

test('names that no source has are told with the nearest one', () => {
  expect(
    unknownNames(aFeed({ sources: ['ministy'], tags: ['trade', 'sports'], publishers: ['company'] }), known),
  ).toEqual([
    'feed "fair": sources: no source has "ministy"; did you mean "ministry"?',
    'feed "fair": tags: no source has "sports"',
    'feed "fair": publishers: no source has "company"',
  ])
})

test('a feed cannot take the address of searches', () => {
  expect(feedDefinitionSchema.safeParse({ id: 'search', title: '搜索' }).success).toBe(false)
})
