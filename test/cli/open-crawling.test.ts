import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCrawling } from '../../src/cli/services.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { anArchive } from '../a-database.ts'
import { startServer } from '../crawlers/a-server.ts'
import { silent } from '../silent.ts'

test('all crawls of a process together have no more requests open than NEWSFOLD_REQUESTS says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-crawling-'))
  const database = await anArchive()
  const servers = await Promise.all([1, 2, 3].map(() => startServer()))
  let open = 0
  let most = 0
  for (const server of servers) {
    server.routes.set('/list', (_request, response) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open -= 1
        response.end('<ul></ul>')
      }, 50)
      return undefined
    })
  }
  const sources = servers.map(({ origin, host }, index) =>
    sourceSchema.parse({
      id: `s${index}`,
      name: `s${index}`,
      listings: [`${origin}/list`],
      politeness: { delay: 0 },
      allowEmpty: true,
      allowPrivateHosts: [host],
    }),
  )
  const settings = readSettings({ NEWSFOLD_CONFIG: folder, NEWSFOLD_REQUESTS: '1' })
  const crawling = await openCrawling(settings, database, silent, {})
  try {
    await Promise.all(sources.map((source) => crawling.service.crawl(source)))
    expect(servers.map((server) => server.pathsAsked())).toEqual(servers.map(() => ['/robots.txt', '/list']))
    expect(most).toBe(1)
  } finally {
    await crawling.close()
    for (const server of servers) await server.close()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
