import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { openSourceFolder, type SourceChanges, type SourceFolder } from '../../src/runtime/source-folder.ts'
import { silent } from '../silent.ts'

const root = mkdtempSync(join(tmpdir(), 'newsfold-folder-'))
const open: SourceFolder[] = []
afterEach(() => {
  for (const folder of open.splice(0)) folder.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))
let number = 0
let second = 0

const good = (name: string) => `name: ${name}\nlistings: [https://city.example/news/]\n`

/** A configuration folder with a way to write files that are old enough to be read. */
function aFolder(sources: Readonly<Record<string, string>>) {
  const config = join(root, String(++number))
  const pathOf = (id: string) => join(config, 'sources', `${id}.yaml`)
  mkdirSync(join(config, 'sources'), { recursive: true })
  const write = (id: string, text: string): void => {
    writeFileSync(pathOf(id), text)
    // Each a second of its own: a change is seen by the time.
    utimesSync(pathOf(id), 1_600_000_000, 1_600_000_000 + ++second)
  }
  for (const [id, text] of Object.entries(sources)) write(id, text)
  const folder = openSourceFolder(config, silent)
  open.push(folder)
  return { config, folder, write, pathOf }
}

const none: SourceChanges = { added: [], changed: [], removed: [], broken: [] }

test('a folder in which nothing was written has not changed', async () => {
  const { folder, write } = aFolder({ city: good('城市') })
  expect(await folder.look()).toBeNull()
  write('city', good('城市'))
  expect(await folder.look()).toBeNull()
})

test('files that come, change and go are found, others are left alone', async () => {
  const { folder, write, pathOf } = aFolder({ city: good('城市'), ministry: good('部委') })
  write('portal', good('门户'))
  write('city', good('新城市'))
  rmSync(pathOf('ministry'))
  writeFileSync(`${pathOf('notes')}.bak`, 'x')
  expect(await folder.look()).toEqual({ ...none, added: ['portal'], changed: ['city'], removed: ['ministry'] })
  expect(folder.sources().map(({ id }) => id)).toEqual(['city', 'portal'])
  expect(folder.find('city')?.name).toBe('新城市')
  expect(folder.find('ministry')).toBeNull()
})

test('a private source whose file goes stays private, disabled, until a good file says otherwise', async () => {
  const { folder, write, pathOf } = aFolder({ wire: `${good('专线')}private: true\n` })
  const states = () => folder.sources().map((source) => [source.id, source.private, source.enabled])
  rmSync(pathOf('wire'))
  expect(await folder.look()).toEqual({ ...none, removed: ['wire'] })
  expect([states(), folder.find('wire'), await folder.look()]).toEqual([[['wire', true, false]], null, null])
  write('wire', 'name: [')
  await folder.look()
  expect(states()).toEqual([['wire', true, false]])
  write('wire', good('专线'))
  expect(await folder.look()).toEqual({ ...none, added: ['wire'] })
  expect(states()).toEqual([['wire', false, true]])
})

test('a source whose file becomes wrong goes on as it was; its problem is told once, until the file is mended', async () => {
  const { folder, write } = aFolder({ city: good('城市') })
  write('city', 'name: [')
  const changes = await folder.look()
  expect(changes).toMatchObject({ ...none, broken: [{ id: 'city' }] })
  expect(folder.find('city')?.name).toBe('城市')
  expect(folder.broken()).toHaveLength(1)
  write('city', 'name: [')
  expect(await folder.look()).toBeNull()
  write('city', good('城市二'))
  expect(await folder.look()).toEqual({ ...none, changed: ['city'] })
  expect(folder.broken()).toEqual([])
})

test('a file that was wrong from the start becomes a source when it is mended', async () => {
  const { folder, write } = aFolder({ city: 'name: [' })
  expect([folder.sources(), folder.broken().length]).toEqual([[], 1])
  write('city', good('城市'))
  expect(await folder.look()).toEqual({ ...none, added: ['city'] })
})

test('a file that is being written is not read before it is whole', async () => {
  const { folder, pathOf } = aFolder({})
  writeFileSync(pathOf('city'), 'name: 城')
  expect(await folder.look()).toBeNull()
  expect(folder.broken()).toEqual([])
  writeFileSync(pathOf('city'), good('城市'))
  await expect.poll(() => folder.look(), { timeout: 10_000 }).toEqual({ ...none, added: ['city'] })
})

test('a folder that is away for a moment changes nothing', async () => {
  const { config, folder } = aFolder({ city: good('城市') })
  renameSync(join(config, 'sources'), join(config, 'elsewhere'))
  await expect(folder.look()).rejects.toThrow('ENOENT')
  expect(folder.sources().map(({ id }) => id)).toEqual(['city'])
  renameSync(join(config, 'elsewhere'), join(config, 'sources'))
  expect(await folder.look()).toBeNull()
})

test('a folder that is watched tells of changes by itself, also of several in a row', async () => {
  const { folder, pathOf } = aFolder({ city: good('城市') })
  const seen: string[] = []
  folder.watch(({ added, removed }) => seen.push(...added.map((id) => `+${id}`), ...removed.map((id) => `-${id}`)))
  writeFileSync(pathOf('a'), good('甲'))
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['+a'])
  writeFileSync(pathOf('b'), good('乙'))
  rmSync(pathOf('city'))
  await expect.poll(() => seen.toSorted(), { timeout: 10_000 }).toEqual(['+a', '+b', '-city'])
})

test('who watches is told of a change that somebody else was first to see', async () => {
  const { folder, pathOf } = aFolder({ city: good('城市') })
  const seen: string[] = []
  folder.watch(({ added }) => seen.push(...added))
  await folder.look()
  writeFileSync(pathOf('town'), good('镇'))
  utimesSync(pathOf('town'), 1_500_000_000, 1_500_000_000)
  expect(await folder.look()).toMatchObject({ added: ['town'] })
  expect(seen).toEqual(['town'])
})
