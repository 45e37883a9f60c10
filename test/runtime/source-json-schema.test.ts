import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { sourceJsonSchema, sourceKeysTable } from '../../src/runtime/source-json-schema.ts'

const content = (text: string) => text.replaceAll(/\s+/g, '').replaceAll(/-{3,}/g, '---')
const written = readFileSync('config/source.schema.json', 'utf8')

test('config/source.schema.json is what the schema says: run "npm run docs" when this fails', () => {
  expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(sourceJsonSchema())))
})

test('the table of keys in docs/sources.md is what the schema says: run "npm run docs" when this fails', () => {
  expect(content(readFileSync('docs/sources.md', 'utf8'))).toContain(content(sourceKeysTable()))
})

test('an editor is told the keys of a source, of a listing, and which are needed', () => {
  const schema = z
    .object({
      required: z.array(z.string()),
      additionalProperties: z.literal(false),
      properties: z.record(z.string(), z.unknown()),
    })
    .parse(sourceJsonSchema())
  expect(schema.required).toEqual(['name', 'listings'])
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['schedule', 'politeness', 'rules', 'tags']))
  expect(schema.properties['listings']).toMatchObject({
    items: { anyOf: [{ type: 'string' }, { properties: { url: {}, maxPages: { default: 5 }, rules: {}, json: {} } }] },
  })
})
