import { resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { factsOf, readRecording, recordedIds, recordingsFolder } from '../src/cli/recording.ts'
import { createReaderPool } from '../src/crawlers/reader-pool.ts'
import { readSample } from '../src/crawlers/sample-source.ts'
import { readSourceFiles } from '../src/runtime/config-files.ts'

const folder = recordingsFolder(resolve('config'))
const ids = recordedIds(folder)
const reader = createReaderPool()
afterAll(() => reader.close())

test('there are recorded sources', () => {
  expect(ids.length).toBeGreaterThan(0)
})

test.each(ids)('%s is read from its recorded pages as when it was recorded', async (id) => {
  const recording = readRecording(`${folder}/${id}`)
  const source = readSourceFiles('config').sources.find((source) => source.id === id) ?? recording.source
  const sample = await readSample(source, recording.pages, reader)
  expect(factsOf(sample)).toEqual(recording.expected)
  expect(sample.articles.length).toBeGreaterThan(0)
})
