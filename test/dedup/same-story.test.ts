import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { StoryIndex, type StoryArticle } from '../../src/dedup/story-index.ts'

const root = 'test/fixtures/dedup'
const caseSchema = z.strictObject({ why: z.string().min(10), same: z.boolean() })

function readCase(name: string) {
  const [first, second] = ['first', 'second'].map((id): StoryArticle => {
    const [title = '', ...paragraphs] = readFileSync(join(root, name, `${id}.txt`), 'utf8')
      .trim()
      .split('\n')
    return {
      id,
      url: `https://${id}.example.cn/${name}.html`,
      title,
      bodyText: paragraphs.join('\n'),
      publishedAt: null,
    }
  })
  if (!first || !second) throw new Error(`${name} has no two articles`)
  return { first, second, ...caseSchema.parse(parse(readFileSync(join(root, name, 'case.yaml'), 'utf8'))) }
}

const cases = readdirSync(root)

test('there are cases of both kinds', () => {
  expect(cases.filter((name) => readCase(name).same).length).toBeGreaterThan(8)
  expect(cases.filter((name) => !readCase(name).same).length).toBeGreaterThan(8)
})

test.each(cases)('%s is told rightly, whichever article comes first', (name) => {
  const { first, second, same } = readCase(name)
  for (const order of [
    [first, second],
    [second, first],
  ]) {
    const index = new StoryIndex()
    const stories = order.map((article) => index.add(article))
    expect({ name, same: stories[0] === stories[1], verdict: index.explain('first', 'second') }).toMatchObject({
      name,
      same,
      verdict: { same },
    })
  }
})
