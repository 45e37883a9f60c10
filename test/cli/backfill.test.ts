import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: three crawls in a row on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const [lists, perList] = [6, 10]
let server: TestServer
let newsfold: Installation

/** Newest first: list 1 has the articles 60 to 51, of the days before December 2019. */
const numbersOf = (list: number) =>
  Array.from({ length: perList }, (_, n) => lists * perList - (list - 1) * perList - n)
const dayOf = (number: number) => new Date(Date.UTC(2019, 9, 1) + number * 86_400_000).toISOString().slice(0, 10)

function listPage(list: number): string {
  const items = numbersOf(list).map(
    (n) => `<li><a href="/a/${n}">关于城东供水管道更换的第${n}号通告</a> <span>${dayOf(n)}</span></li>`,
  )
  const next = list < lists ? `<a rel="next" href="/list/${list + 1}">下一页</a>` : ''
  return `<html><body><ul>${items.join('')}</ul>${next}</body></html>`
}

const articlesAsked = () =>
  server
    .pathsAsked()
    .filter((path) => path.startsWith('/a/'))
    .map((path) => Number(path.slice(3)))
const run = async (...args: string[]) => {
  const result = await newsfold.run(['crawl', 'city', ...args])
  expect([result.code, result.err]).toEqual([0, ''])
  return result.out
}

beforeAll(async () => {
  server = await startServer()
  for (let list = 1; list <= lists; list++) {
    server.routes.set(`/list/${list}`, listPage(list))
    for (const n of numbersOf(list)) {
      const text = `市水务局通告第${n}号：自${dayOf(n)}起更换城东供水管道第${n}段，届时停水${n}小时，请居民提前储水备用。`
      server.routes.set(
        `/a/${n}`,
        `<html><body><h1>关于城东供水管道更换的第${n}号通告</h1><p>发布时间：${dayOf(n)}</p><p>${text}</p></body></html>`,
      )
    }
  }
  newsfold = anInstallation({
    city:
      `name: 城市\nlistings: [{ url: '${server.origin}/list/1', maxPages: 1 }]\nallowPrivateHosts: ['${server.host}']\n` +
      'politeness: { delay: 0s }\nmaxArticlesPerRun: 5\nmaxAge: 36500d\n',
  })
})
afterAll(async () => {
  await newsfold.remove()
  await server.close()
})

test('a backfill reads back to its day, goes on to an earlier one without asking again, and leaves the schedule’s crawls as they are', async () => {
  await run()
  expect(articlesAsked()).toHaveLength(5)
  await run('--backfill', '--since', dayOf(31))
  expect(articlesAsked().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 31))
  await run('--backfill')
  expect(articlesAsked().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
  server.requests.splice(0)
  // The schedule's crawl reads the first list alone, as before.
  await run()
  expect(server.pathsAsked().filter((path) => path !== '/robots.txt')).toEqual(['/list/1'])
})

test('a backfill that is killed goes on where it was, and keeps each article once', async () => {
  const again = anInstallation({
    city:
      `name: 城市\nlistings: [{ url: '${server.origin}/list/1', maxPages: 1 }]\nallowPrivateHosts: ['${server.host}']\n` +
      'politeness: { delay: 0s }\nmaxAge: 36500d\n',
  })
  try {
    const article = server.routes.get('/a/25') ?? ''
    // On the fourth of six list pages.
    const killing = again.start(['crawl', 'city', '--backfill'])
    server.routes.set('/a/25', () => {
      killing.child.kill('SIGKILL')
      return { status: 503 }
    })
    await killing.finished
    server.routes.set('/a/25', article)
    server.requests.splice(0)
    const second = await again.run(['crawl', 'city', '--backfill'])
    expect([second.code, second.err]).toEqual([0, ''])
    expect(server.pathsAsked().filter((path) => path.startsWith('/list/'))).toEqual([
      '/list/3',
      '/list/4',
      '/list/5',
      '/list/6',
    ])
    const { out } = await again.run(['status', '--json'])
    expect(JSON.parse(out)).toMatchObject({ archive: { articles: 60 } })
  } finally {
    await again.remove()
  }
})

test('a day that is none is refused', async () => {
  const { code, err } = await newsfold.run(['crawl', 'city', '--backfill', '--since', 'yesterday'])
  expect([code, err]).toEqual([2, '--since: expected a day such as 2025-01-31, got "yesterday".\n'])
})
