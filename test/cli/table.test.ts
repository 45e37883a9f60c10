import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { formatAge } from '../../src/cli/commands/source-list.ts'
import { formatTable } from '../../src/cli/table.ts'

const columns = ['source', 'kind', 'schedule', 'last run', 'newest', 'a week', 'health', 'next'].map((name) => ({
  name,
  isNumber: name === 'a week',
}))
const row = ['federal-reserve', 'sitemap', '*/10 8-18 * * 1-5', '12m ago', '41d ago', '101', 'degraded', 'in 9m']

test('a table that is too wide is cut to eighty columns, and what names its rows is cut last', () => {
  const wide = row.with(2, '每个工作日上午九点至下午五点')
  const lines = formatTable(columns, [row, wide], 80).split('\n')
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80)
  for (const word of ['12m ago', '41d ago', '101', 'degraded', 'in 9m', 'federal-reserve'])
    expect(lines[1]).toContain(word)
})

test('where there is room nothing is cut', () => {
  const text = formatTable(columns, [row], 200)
  expect(text).not.toContain('…')
})

test('instants are told by how far they are from now', () => {
  const now = new Date('2019-11-05T02:00:00Z')
  const at = (ms: number) => formatAge(new Date(now.getTime() + ms), now)
  expect([at(-30_000), at(-720_000), at(-7_200_000), at(-41 * 86_400_000), at(540_000)]).toEqual([
    '0m ago',
    '12m ago',
    '2h ago',
    '41d ago',
    'in 9m',
  ])
  expect(formatAge(null, now)).toBe('–')
})
