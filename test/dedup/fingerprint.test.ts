import { expect, test } from 'vitest'
import { candidateKeys } from '../../src/dedup/candidate-keys.ts'
import { compare } from '../../src/dedup/compare.ts'
import { decodeFingerprint, encodeFingerprint } from '../../src/dedup/fingerprint-bytes.ts'
import { fingerprint } from '../../src/dedup/fingerprint.ts'

const at = '2019-10-31T01:30:00.000Z'
const publishedAt = { at, precision: 'minute', zone: 'Asia/Shanghai', from: 'test' } as const
/** Sentences that are all different: the number is written into the words. */
const sentences = (count: number) =>
  Array.from(
    { length: count },
    (_, i) =>
      `第${i}号码头的${i * 7}名船工在${1900 + i}年把${i * 31}条旧船桨送进了${String.fromCharCode(0x4e00 + i * 13)}馆。`,
  )
const print = (bodyText: string, title = '船桨进馆') => fingerprint({ title, bodyText, publishedAt })

test('a fingerprint comes back from its bytes as it was', () => {
  const original = print(sentences(40).join('\n'))
  expect(decodeFingerprint(encodeFingerprint(original))).toEqual(original)
  const bare = fingerprint({ title: '', bodyText: '', publishedAt: null })
  expect(decodeFingerprint(encodeFingerprint(bare))).toEqual(bare)
})

test('bytes of another version are not taken for a fingerprint', () => {
  const bytes = encodeFingerprint(print('码头今天开放。'))
  bytes[0] = 99
  expect(decodeFingerprint(bytes)).toBeNull()
})

test('a book’s fingerprint is under 2 KB and its keys are few', () => {
  const long = print(sentences(3000).join('\n'), '长'.repeat(500))
  expect(encodeFingerprint(long).length).toBeLessThan(2048)
  expect(candidateKeys(long).length).toBeLessThanOrEqual(35)
})

test('a summary shares keys with its text, however long that is', () => {
  const lines = sentences(400)
  const whole = new Set(candidateKeys(print(lines.join(''))))
  const summary = candidateKeys(print(`${lines.join('').slice(0, 110)}……`, '别的题目'))
  expect(summary.filter((key) => whole.has(key)).length).toBeGreaterThan(3)
})

test('comparing says the same whichever comes first', () => {
  const a = print(sentences(20).join('\n'))
  const b = print(sentences(14).join('\n'), '船桨')
  expect(compare(a, b)).toEqual(compare(b, a))
})

test('paragraphs known to be boilerplate count for nothing', () => {
  const standing = sentences(30).slice(20).join('')
  const a = print(`${sentences(4).join('')}\n${standing}`)
  const b = print(`${sentences(9).slice(5).join('')}\n${standing}`)
  const known = new Set(
    a.paragraphs.map(({ hash }) => hash).filter((hash) => b.paragraphs.some((mark) => mark.hash === hash)),
  )
  expect(known.size).toBe(1)
  expect(compare(a, b).overlap.ofShort).toBeGreaterThan(0.6)
  expect(compare(a, b, (hash) => known.has(hash)).overlap.ofShort).toBeLessThan(0.3)
})

test('odd texts have fingerprints too', () => {
  for (const text of [
    '\ud800 half a character',
    '\u0000\u0007',
    '🚢'.repeat(50),
    'ﬃ ① ㎡ ｶﾞ',
    '\r\n\r\n',
    '1'.repeat(5000),
  ]) {
    const odd = print(text)
    expect(decodeFingerprint(encodeFingerprint(odd))).toEqual(odd)
    expect(compare(odd, odd).overlap).toBeDefined()
  }
})
