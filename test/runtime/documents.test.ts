import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the tables in the documents are those of the code', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/write-docs.ts', '--check'], {
    encoding: 'utf8',
  })
  expect([stderr, status]).toEqual(['', 0])
})
