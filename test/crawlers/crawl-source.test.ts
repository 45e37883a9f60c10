import { afterEach, expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { startServer, type TestServer } from './a-server.ts'
import { accountedFor, aMemoryArchive, aSource, userAgent, type MemoryArchive } from './memory-ports.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close()
})

async function aNewsroom(routes: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  const server = await startServer(routes)
  open.push(server)
  return server
}

function anArchive(...over: Parameters<typeof aMemoryArchive>): MemoryArchive {
  const archive = aMemoryArchive(...over)
  open.push(archive)
  return archive
}

const article = (title: string, text = `${title} in full.`) => `<h1>${title}</h1><p>${text}</p>`

test('the articles of a list page are fetched, read and saved, newest first', async () => {
  const server = await aNewsroom({
    '/list':
      '<a href="/a" data-at="2019-11-01T00:00:00.000Z">A</a><a href="/b" data-at="2019-11-03T00:00:00.000Z">B</a>',
    '/a': article('A'),
    '/b': article('B'),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, { runId: '1', userAgent })
  expect(run).toMatchObject({ outcome: 'succeeded', found: 2, stored: 2, errors: [] })
  expect(accountedFor(run)).toBe(run.found)
  expect(archive.saved).toEqual([`${server.origin}/b`, `${server.origin}/a`])
  expect(archive.articles.get(`${server.origin}/a`)?.bodyText).toBe('A in full.')
  expect(server.pathsAsked()).toEqual(['/robots.txt', '/list', '/b', '/a'])
  expect(new Set(server.requests.map(({ headers }) => headers['user-agent']))).toEqual(new Set([userAgent]))
})
