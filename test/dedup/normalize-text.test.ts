import { expect, test } from 'vitest'
import { exactKey, foldCharacters, normalizeText } from '../../src/dedup/normalize-text.ts'

test('width, case, accents, punctuation and script are folded', () => {
  expect(normalizeText('「東湖」泵站，日供水１２萬噸（Ｐｈａｓｅ　Ⅱ）——Café')).toBe(
    '东湖泵站日供水12万吨phaseiicafe'.replace('ii', 'ⅱ'),
  )
})

test('folding keeps one code for one, so that places in both texts agree', () => {
  const text = '東湖：ﬁ①🚢１２萬\n噸'
  expect(foldCharacters(text)).toHaveLength(text.length)
  expect(foldCharacters(text)).toContain('\n')
})

test('texts that differ in spelling alone have one exact key, others do not', () => {
  expect(exactKey('泵站下月通水。')).toBe(exactKey('泵站，下月通水'))
  expect(exactKey('泵站下月通水。')).not.toBe(exactKey('泵站本月通水。'))
  expect(exactKey('泵站下月通水。')).toMatch(/^[\da-f]{32}$/)
})

test('a text without words has no key', () => {
  expect(exactKey(' …！\n')).toBeNull()
})
