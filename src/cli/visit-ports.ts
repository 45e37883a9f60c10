import type { Logger } from 'pino'
import { createRenderer } from '../crawlers/browser.ts'
import { createHttpClient } from '../crawlers/http-client.ts'
import { createMemoryPacing } from '../crawlers/pacing.ts'
import { createReaderPool } from '../crawlers/reader-pool.ts'
import { createRequestPlaces } from '../crawlers/request-places.ts'
import { createMemoryRobots } from '../crawlers/robots.ts'
import type { VisitPorts } from '../crawlers/site-visit.ts'
import type { Settings } from '../runtime/settings.ts'
import { userAgent } from './version.ts'

const now = () => new Date()

/** What visits need, for as long as `work` takes: the guarded client and reading threads, and no archive. */
export async function withVisitPorts<T>(
  { settings, log }: { settings: Settings; log: Logger },
  work: (ports: VisitPorts, userAgent: string) => Promise<T>,
): Promise<T> {
  const agent = userAgent(settings.NEWSFOLD_CONTACT)
  const http = createHttpClient({ userAgent: agent, now })
  const reader = createReaderPool()
  const renderer = createRenderer({ http, userAgent: agent, executable: settings.NEWSFOLD_CHROMIUM })
  try {
    const requestPlaces = createRequestPlaces(settings.NEWSFOLD_REQUESTS)
    const [pacing, robots] = [createMemoryPacing(), createMemoryRobots()]
    const ports = { http, renderer, reader, log, now, requestPlaces, pacing, robots }
    return await work(ports, agent)
  } finally {
    await renderer.close()
    await reader.close()
    await http.close()
  }
}
