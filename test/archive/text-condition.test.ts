import { expect, test } from 'vitest'
import { requiredSequences } from '../../src/archive/text-condition.ts'
import type { TextQuery } from '../../src/model/text-query.ts'
import { phraseQuery } from '../../src/search/phrase.ts'

function phrase(text: string): TextQuery {
  const query = phraseQuery(text, 'text')
  if (!query) throw new Error(`no phrase: ${text}`)
  return query
}

test('sequences are required where every text that is meant has them', () => {
  const [one, other] = [phrase('中国家'), phrase('of the')]
  const [ofOne, ofOther] = [requiredSequences(one), requiredSequences(other)]
  expect([ofOne.length, ofOther.length]).toEqual([1, 1])
  expect(requiredSequences(phrase('通知'))).toEqual([])
  expect(requiredSequences({ kind: 'or', parts: [one] })).toEqual(ofOne)
  expect(requiredSequences({ kind: 'or', parts: [one, other] })).toEqual([])
  expect(requiredSequences({ kind: 'or', parts: [one, { kind: 'and', parts: [other, one] }] })).toEqual(ofOne)
  expect(requiredSequences({ kind: 'and', parts: [one, other] })).toEqual([...ofOne, ...ofOther])
  expect(requiredSequences({ kind: 'and', parts: [one, { kind: 'not', part: other }] })).toEqual(ofOne)
})
