import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFeedsFile, type FeedsFile } from '../../src/runtime/feeds-file.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 30_000, interval: 20 }

let folder: string
let file: FeedsFile
let logged: string[]
const changes: string[][] = []

const idsOf = (feeds: readonly { readonly id: string }[]) => feeds.map(({ id }) => id)
const write = (text: string) => {
  // As editors do it: the whole at once, under another name first.
  writeFileSync(join(folder, 'feeds.yaml~'), text)
  renameSync(join(folder, 'feeds.yaml~'), join(folder, 'feeds.yaml'))
}
const open = () => {
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) })
  file = openFeedsFile(folder, log, (feeds) => {
    if (feeds.some(({ query }) => query === '(')) throw new Error('the query cannot be searched for')
  })
  file.watch((feeds) => changes.push(idsOf(feeds)))
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'newsfold-feeds-'))
  logged = []
  changes.splice(0)
  write('feeds: [{ id: all, title: 全部 }]\n')
  open()
})
afterEach(() => {
  file.close()
  rmSync(folder, { recursive: true })
})

test('feeds that are added or removed while it runs are taken over', async () => {
  expect(idsOf(file.feeds())).toEqual(['all'])
  write('feeds: [{ id: all, title: 全部 }, { id: trade, title: 外贸, query: 外贸 }]\n')
  await expect.poll(() => changes, soon).toEqual([['all', 'trade']])
  expect(idsOf(file.feeds())).toEqual(['all', 'trade'])
  write('feeds: [{ id: trade, title: 外贸 }]\n')
  await expect.poll(() => idsOf(file.feeds()), soon).toEqual(['trade'])
})

test('a file that becomes wrong, goes, or asks for what cannot be searched is said, and the feeds go on', async () => {
  const problems = () => logged.filter((line) => line.includes('feeds.broken')).length
  write('feeds: [{ id: all, titel: 全部 }]\n')
  await expect.poll(problems, soon).toBe(1)
  write("feeds: [{ id: all, title: 全部, query: '(' }]\n")
  await expect.poll(problems, soon).toBe(2)
  rmSync(join(folder, 'feeds.yaml'))
  await expect.poll(problems, soon).toBe(3)
  expect(logged.join('')).toContain('titel')
  expect([idsOf(file.feeds()), changes, file.isBroken()]).toEqual([['all'], [], true])
  write('feeds: [{ id: back, title: 回来 }]\n')
  await expect.poll(() => changes, soon).toEqual([['back']])
  expect(file.isBroken()).toBe(false)
})
