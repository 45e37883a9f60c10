import { expect, test } from 'vitest'
import { hasCleanBody } from '../../src/server/clean-bodies.ts'

test('a text is looked at again when it is another one', () => {
  const clean = { articleId: 'a', revision: 1, bodyHtml: '<p>通知</p>' }
  expect(hasCleanBody(clean)).toBe(true)
  expect(hasCleanBody({ ...clean, revision: 2, bodyHtml: '<p onclick="x()">通知</p>' })).toBe(false)
  expect(hasCleanBody({ ...clean, articleId: 'b', bodyHtml: '<p>\u0001</p>' })).toBe(false)
  expect(hasCleanBody({ ...clean, revision: 3 })).toBe(true)
})
