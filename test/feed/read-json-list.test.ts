import { expect, test } from 'vitest'
import { readJsonList, valueAt } from '../../src/feed/read/read-json-list.ts'

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const from = { url: 'https://api.example/list?page=1', timeZone: 'Asia/Shanghai' }

const answer = {
  code: 0,
  menu: [{ name: 'Home', icon: 'h' }],
  data: {
    total: 2,
    list: [
      {
        docUrl: '/2019/1.html',
        docTitle: '关于<em>港口</em>收费的公告',
        docRelTime: '2019-10-31 15:20:00',
        docAbstract: '自11月起调整。',
      },
      { docUrl: 'https://www.example/2.html', docTitle: '第二条', docRelTime: 1_572_500_000_000 },
    ],
  },
}

test('a list and its fields are found by the names that APIs usually give', () => {
  const { items, reading } = readJsonList(bytes(answer), from)
  expect(items).toEqual([
    {
      url: 'https://api.example/2019/1.html',
      title: '关于港口收费的公告',
      publishedAt: {
        at: '2019-10-31T07:20:00.000Z',
        precision: 'second',
        zone: 'Asia/Shanghai',
        from: 'json:docRelTime',
      },
      summary: '自11月起调整。',
    },
    {
      url: 'https://www.example/2.html',
      title: '第二条',
      publishedAt: { at: '2019-10-31T05:33:20.000Z', precision: 'second', zone: 'UTC', from: 'json:docRelTime' },
      summary: null,
    },
  ])
  expect(reading).toBe('data.list: docUrl, docTitle, docRelTime, docAbstract')
})

test('rules say where the list is, which field is what, how addresses are made, and where it goes on', () => {
  const odd = {
    result: {
      rows: [
        { meta: { k: 'a/1' }, t: 'One', day: '2019-11-02' },
        { meta: {}, t: 'No id' },
      ],
    },
    paging: { more: '/list?page=2' },
  }
  const { items, nextUrl } = readJsonList(bytes(odd), from, {
    items: 'result.rows',
    title: 't',
    publishedAt: 'day',
    urlTemplate: 'https://www.example/detail/{meta.k}.html',
    next: 'paging.more',
  })
  expect(items.map(({ url, title }) => [url, title])).toEqual([['https://www.example/detail/a%2F1.html', 'One']])
  expect(items[0]?.publishedAt?.precision).toBe('day')
  expect(nextUrl).toBe('https://api.example/list?page=2')
})

test('JSON inside the call of a function is read as well', () => {
  expect(readJsonList(bytes(`callback(${JSON.stringify(answer)});`), from).items).toHaveLength(2)
})

test('what is no JSON, and JSON without a list, say what was expected', () => {
  expect(() => readJsonList(bytes('<html>'), from)).toThrow(expect.objectContaining({ code: 'not-json' }))
  expect(() => readJsonList(bytes({ code: 500, data: null }), from)).toThrow(
    expect.objectContaining({ code: 'json.no-list' }),
  )
  expect(() => readJsonList(bytes(answer), from, { items: 'data.rows' })).toThrow(
    /expected an array at "data.rows", got nothing/,
  )
})

test('an empty list where the rules say it is, is an empty list', () => {
  expect(readJsonList(bytes({ data: { list: [] } }), from, { items: 'data.list' }).items).toEqual([])
})

test('numbers that are no times are none', () => {
  const { items } = readJsonList(bytes([{ title: 'One', url: '/1', time: 12 }]), from)
  expect(items[0]?.publishedAt).toBeNull()
})

test('a path leads through objects and arrays and never into what objects inherit', () => {
  expect(valueAt({ a: [{ b: 1 }] }, 'a[0].b')).toBe(1)
  expect(valueAt({}, 'constructor.name')).toBeUndefined()
})
