import { expect, test } from 'vitest'
import { didYouMean, nearestName } from '../../src/model/nearest-name.ts'

test('of several names that are near the nearest three are offered, the nearest first', () => {
  const known = ['beijing-gov', 'beijing-news', 'nanjing-gov', 'nanjing-go', 'ndrc', 'mofcom']
  expect(didYouMean('nanjin-gov', known)).toBe('; did you mean "nanjing-gov" or "nanjing-go"?')
  expect(didYouMean('ndcr', known)).toBe('; did you mean "ndrc"?')
  expect(didYouMean('a', ['b', 'c', 'd', 'e'])).toBe('; did you mean "b", "c" or "d"?')
  expect(didYouMean('shanghai', known)).toBe('')
  expect([nearestName('NDCR', known), nearestName('shanghai', known)]).toEqual(['ndrc', null])
})
