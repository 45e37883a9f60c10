import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkPrivacy, readFeedsFile, readSourceFiles } from '../../src/runtime/config-files.ts'

const root = mkdtempSync(join(tmpdir(), 'newsfold-config-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let number = 0

/** A configuration folder with these source files, by id. */
function aFolder(sources: Readonly<Record<string, string>>, feeds?: string): string {
  const folder = join(root, String(++number))
  mkdirSync(join(folder, 'sources'), { recursive: true })
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, 'sources', name), text)
  if (feeds !== undefined) writeFileSync(join(folder, 'feeds.yaml'), feeds)
  return folder
}

const good = 'name: 城市\nlistings: [https://city.example/news/]\n'

/** What is said of a source file with this text, without the folder. */
function problemOf(text: string, name = 'city.yaml'): string {
  const { sources, broken } = readSourceFiles(aFolder({ [name]: text }))
  expect(sources).toEqual([])
  return (broken[0]?.problem ?? '').replaceAll(/\S*\/sources\//g, '')
}

test('a source file gives a source with the id of its name; other files are left alone', () => {
  const folder = aFolder({ 'city.yaml': good, 'notes.txt': 'x', 'old.yaml.bak': 'x' })
  const { sources, broken } = readSourceFiles(folder)
  expect(broken).toEqual([])
  expect(sources).toMatchObject([{ id: 'city', name: '城市', listings: [{ url: 'https://city.example/news/' }] }])
})

test('a wrong file is left out with its problem, and the others go on', () => {
  const folder = aFolder({ 'a.yaml': good, 'b.yaml': 'name: [', 'c.yaml': good })
  const { sources, broken } = readSourceFiles(folder)
  expect(sources.map(({ id }) => id)).toEqual(['a', 'c'])
  expect(broken.map(({ id }) => id)).toEqual(['b'])
})

test('a misspelt key is said with file, line and the nearest key', () => {
  expect(problemOf(`${good}shedule: { every: 5m }\n`)).toBe(
    'city.yaml:3: shedule: no such key; did you mean "schedule"?',
  )
})

test('a misspelt key deep inside is found at its own line', () => {
  const text = 'name: 城市\nlistings:\n  - url: https://city.example/\n    rules:\n      itme: li\n'
  expect(problemOf(text)).toBe('city.yaml:5: listings.0.rules.itme: no such key; did you mean "item"?')
})

test('every mistake of a file has a line of its own', () => {
  const lines = problemOf(
    'name: 城市\nlistings: [ftp://city.example/]\ntimeZone: Asia/Peking\nschedule: { every: 1s }\n',
  ).split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^city\.yaml:2: listings\.0.*: expected an absolute http or https address/)
  expect(lines[1]).toMatch(/^city\.yaml:3: timeZone: expected an IANA time zone.*"Asia\/Peking"/)
  expect(lines[2]).toMatch(/^city\.yaml:4: schedule\.every: expected a duration from 5s.*"1s"/)
})

test('text that is no YAML is said with its line', () => {
  expect(problemOf('name: 城市\nlistings: [https://city.example/\ntags: x\n')).toMatch(/^city\.yaml:\d: /)
  expect(problemOf('name: "城市\n')).toMatch(/^city\.yaml:\d: /)
  expect(problemOf('name: a\nname: b\n')).toMatch(/^city\.yaml:2: /)
})

test('a file that holds nothing, a list, or an alias of nothing is said by name and line', () => {
  expect(problemOf('')).toMatch(/^city\.yaml:1: expected keys/)
  expect(problemOf('- a\n- b\n')).toMatch(/^city\.yaml:1: expected keys/)
  expect(problemOf('name: *nobody\n')).toMatch(/^city\.yaml:1: .*nobody/)
})

test('an id that is not the file name is a mistake', () => {
  expect(problemOf(`id: town\n${good}`)).toMatch(/^city\.yaml: id: expected "city".*got "town"/)
})

test('a file name that is no id is a mistake', () => {
  expect(problemOf(good, 'City News.yaml')).toMatch(/^City News\.yaml:1: id: expected small letters/)
})

test.each(['61 * * * *', '* * *', '', '0 0 30 2 *', '* * * * * * *', 'soon'])(
  'cron fields "%s" are a mistake',
  (cron) => {
    expect(problemOf(`${good}schedule: { cron: '${cron}' }\n`)).toMatch(
      /^city\.yaml:3: schedule\.cron: expected five or six/,
    )
  },
)

test.each(['*/10 8-18 * * 1-5', '30 0 9 * * *', '@daily', '0 0 L * *'])('cron fields "%s" are taken', (cron) => {
  const { broken } = readSourceFiles(aFolder({ 'city.yaml': `${good}schedule: { cron: '${cron}' }\n` }))
  expect(broken).toEqual([])
})

test('a folder without sources is said, with what to do', () => {
  expect(() => readSourceFiles(join(root, 'nowhere'))).toThrow(/nowhere.*NEWSFOLD_CONFIG/s)
})

test('feeds are read with their defaults', () => {
  const feeds = readFeedsFile(aFolder({}, 'feeds:\n  - { id: all, title: 全部 }\n'))
  expect(feeds).toEqual([
    { id: 'all', title: '全部', items: 50, order: 'published', content: 'full', private: false, webhooks: [] },
  ])
})

test('two feeds of one id are a mistake at the second', () => {
  const text = 'feeds:\n  - { id: all, title: 全部 }\n  - id: all\n    title: 又\n'
  expect(() => readFeedsFile(aFolder({}, text))).toThrow(/feeds\.yaml:3: feeds\.1\.id: "all" is there twice/)
})

test('a misspelt key of a feed names the nearest one', () => {
  expect(() => readFeedsFile(aFolder({}, 'feeds:\n  - { id: all, titel: 全部 }\n'))).toThrow(
    /feeds\.yaml:2: feeds\.0\.titel: no such key; did you mean "title"\?/,
  )
})

test('a missing feeds file is said by name', () => {
  expect(() => readFeedsFile(aFolder({}))).toThrow(/Cannot read .*feeds\.yaml/)
})

const check = (files: Record<string, string>) => checkPrivacy(readSourceFiles(aFolder(files)))

test('a private source whose file is wrong is not let become public, unless what is unknown is hidden anyway', () => {
  const wrong = `${good}private: true\nschedul: {}\n`
  expect(() => check({ 'city.yaml': good, 'wire.yaml': wrong })).toThrow(/wire\.yaml[^]*shown to everybody/)
  for (const said of ['private: "true"', 'private: yes', '"private": true', '{ private : TRUE }']) {
    expect(() => check({ 'wire.yaml': `${good}${said}\nschedul: {}\n` })).toThrow('shown to everybody')
  }
  for (const said of ['private:  false', "'private': 'no'", "allowPrivateHosts: ['127.0.0.1:80']"]) {
    expect(() => check({ 'city.yaml': `${good}${said}\nschedul: {}\n` })).not.toThrow()
  }
  expect(() => check({ 'wire.yaml': wrong, 'other.yaml': `${good}private: true\n` })).not.toThrow()
})
