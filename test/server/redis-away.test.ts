import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findPausedQueues } from '../../src/archive/schedule-pauses.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { aQueuedServer, type QueuedServer } from './a-queued-server.ts'

const token = 'operator-token-of-a-test-0123456789'
const headers = { authorization: `Bearer ${token}` }
const source = sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://a.example/'] })
const requirement = findRequirement('redis')

describe.skipIf(requirement.isMissing)(`operators while Redis hangs${requirement.note}`, () => {
  vi.setConfig({ testTimeout: 60_000 })
  let redis: RunningRedis
  let running: QueuedServer

  beforeAll(async () => {
    redis = await startRedis(requirement.program)
    running = await aQueuedServer([source], redis.url, { operatorToken: token })
    // Loads the board.
    await get('/operator/queue/board/api/queues')
    redis.hang()
  })
  afterAll(async () => {
    redis.wake()
    await running.stop()
    await redis.stop()
  })

  const get = (path: string) => fetch(running.server.url + path, { headers })
  const post = (path: string, body: URLSearchParams | string) =>
    fetch(`${running.server.url}/operator/${path}`, {
      method: 'POST',
      headers: { ...headers, ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}) },
      body,
    })
  const says = () => `Redis at ${redis.url} did not answer within 2 s`

  test('pages say within seconds which store does not answer', async () => {
    const paths = [
      '/operator/queue',
      '/operator/queue.json',
      '/operator/queue/board/',
      '/operator/queue/board/api/queues',
    ]
    const answers = await Promise.all(paths.map(get))
    for (const answer of answers) {
      expect([answer.url, answer.status, answer.headers.get('retry-after')]).toEqual([answer.url, 503, '5'])
      const isPage = /\/(?:queue|board\/)$/.test(answer.url)
      expect(answer.headers.get('content-type')).toContain(isPage ? 'text/html' : 'application/json')
      const text = await answer.text()
      expect(text).toContain(says())
      expect(text).toContain('队列无应答')
    }
    expect((await get('/operator/sources')).status).toBe(200)
  })

  test('what needs the queue is refused, and is not done either when it is back', async () => {
    const tries: readonly (readonly [string, string | URLSearchParams])[] = [
      ['crawl', '{"sources":["city"]}'],
      ['pause', '{"all":true}'],
      ['pause', new URLSearchParams({ deliveries: '1' })],
      ['retry', '{"all":true}'],
    ]
    const answers = await Promise.all(tries.map(([path, body]) => post(path, body)))
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
    expect(await answers[0]?.json()).toEqual({ code: 'queue.unreachable', error: expect.stringContaining(says()) })
    expect(answers[2]?.headers.get('content-type')).toContain('text/html')
    // Schedules are held in the archive.
    expect((await post('pause', '{"sources":["city"]}')).status).toBe(200)
    expect((await post('resume', '{"sources":["city"]}')).status).toBe(503)
    redis.wake()
    const { queue, deliveries, database } = running
    expect([await queue.isPaused(), await deliveries.isPaused()]).toEqual([false, false])
    expect(await findPausedQueues(database)).toEqual(new Set())
    expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0 })
    expect(await (await post('resume', '{"sources":["city"]}')).json()).toMatchObject({ crawled: ['city'] })
  })
})
