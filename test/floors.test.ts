import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'

const floors: Readonly<Record<string, number>> = {
  model: 0,
  text: 0,
  article: 1,
  feed: 1,
  dedup: 1,
  search: 1,
  archive: 1,
  runtime: 1,
  crawlers: 2,
  queue: 3,
  push: 3.5,
  alert: 4,
  server: 4,
  newsroom: 4,
  cli: 5,
}

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))

const folderOf = (file: string) => relative('src', file).split(sep)[0] ?? ''

const imports = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    file,
    from: folderOf(file),
    to: folderOf(resolve(dirname(file), match[1] ?? '').replace(resolve('.') + sep, '')),
  })),
)

test('every folder of src has a floor', () => {
  expect(files.length).toBeGreaterThan(5)
  expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in floors))).toEqual([])
})

test('a folder imports itself and lower floors only', () => {
  expect(imports.length).toBeGreaterThan(5)
  const wrong = imports.filter(({ from, to }) => from !== to && (floors[to] ?? 9) >= (floors[from] ?? -1))
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
})
