import { expect, test } from 'vitest'
import { PostingTable } from '../../src/dedup/posting-table.ts'

test('articles of a key are found newest first, and no more than asked for', () => {
  const table = new PostingTable()
  for (const article of [3, 8, 21]) table.add(77, article)
  table.add(78, 4)
  expect(table.newest(77, 10)).toEqual([21, 8, 3])
  expect(table.newest(77, 2)).toEqual([21, 8])
  expect(table.newest(79, 10)).toEqual([])
})

test('nothing is lost or mixed up when the table grows', () => {
  const table = new PostingTable()
  for (let article = 0; article < 30_000; article++) table.add((article * 2_654_435_761) >>> 0, article)
  for (let article = 0; article < 30_000; article += 997) {
    expect(table.newest((article * 2_654_435_761) >>> 0, 5)).toEqual([article])
  }
})
