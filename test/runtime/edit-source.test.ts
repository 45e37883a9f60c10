import { expect, test } from 'vitest'
import { withEnabled } from '../../src/runtime/edit-source.ts'

const file = `# A ministry.
name: 部 # as it calls itself
listings: [ https://a.example/list ]   # its list

# enabled: true
tags:   [a,b]
`

test('a source is switched off with one line, and all else stays as it was written', () => {
  expect(withEnabled(file, false)).toBe(`${file}enabled: false\n`)
  expect(withEnabled(file, true)).toBe(file)
})

test('the word alone is changed where the line is there already, its comment stays', () => {
  const off = `enabled: false # since the redesign\n${file}`
  expect(withEnabled(off, true)).toBe(`enabled: true # since the redesign\n${file}`)
  expect(withEnabled(withEnabled(off, true), false)).toBe(off)
})

test('a file without a last line end gets one', () => {
  expect(withEnabled('name: A', false)).toBe('name: A\nenabled: false\n')
})

test('what is no source file is not touched', () => {
  expect(() => withEnabled('- a\n- b\n', false)).toThrow('expected keys with values')
  expect(() => withEnabled('name: [', false)).toThrow(/flow|expected/i)
})
