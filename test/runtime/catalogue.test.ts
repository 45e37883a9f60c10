import { expect, test } from 'vitest'
import { readSourceFiles } from '../../src/runtime/config-files.ts'

const running = readSourceFiles('config')
const catalogue = readSourceFiles('config', 'catalogue')
const all = [...running.sources, ...catalogue.sources]

test('at least forty real sources are ready to be read, and every file can be', () => {
  expect([...running.broken, ...catalogue.broken]).toEqual([])
  expect(all.length).toBeGreaterThanOrEqual(40)
})

test('what runs without being asked for is few', () => {
  expect(running.sources.filter((source) => source.enabled).length).toBeLessThanOrEqual(10)
})

test('no id and no listing is there twice', () => {
  const listings = all.flatMap((source) => source.listings.map(({ url }) => url))
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(new Set(listings).size).toBe(listings.length)
})

test.each(all.map((source) => [source.id, source] as const))(
  '%s says who it is, by what it is chosen, and whether anybody has seen it work',
  (_, source) => {
    expect(source.tags.length).toBeGreaterThan(0)
    expect(source.publisher).toBeDefined()
    expect(source.verified).not.toBeUndefined()
    expect(source.notes).toMatch(/robots\.txt/)
  },
)

test('they are of all kinds: ministries, provinces and cities, regulators, trade bodies, exchanges, companies, wires', () => {
  const tags = new Set(all.flatMap((source) => source.tags))
  for (const tag of [
    'ministry',
    'province',
    'city',
    'regulator',
    'trade-body',
    'exchange',
    'company',
    'wire',
    'international',
  ])
    expect(tags).toContain(tag)
})
