import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { addDeliveries, markDeliveryFailed } from '../../src/archive/deliveries.ts'
import { findPausedQueues, findSchedulePauses } from '../../src/archive/schedule-pauses.ts'
import type { Database } from '../../src/archive/database.ts'
import { sourceSchema } from '../../src/model/source.ts'
import type { DeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { keepPauses } from '../../src/queue/kept-pauses.ts'
import type { RunningServer } from '../../src/server/server.ts'
import { quickTiming } from '../queue/quick-timing.ts'
import { silent } from '../silent.ts'
import { aQueuedServer, type QueuedServer } from './a-queued-server.ts'

const token = 'operator-token-of-a-test-0123456789'
const sources = [
  { id: 'city', tags: ['local'] },
  { id: 'town', tags: ['local', 'small'] },
  { id: 'ministry', tags: ['far'] },
  { id: 'closed', tags: ['far'], enabled: false },
].map((source) => sourceSchema.parse({ name: source.id, listings: ['https://a.example/'], ...source }))

/** What operators have done by page and by API, the same on every backend of the queue. */
export function testOperatorActions(backend: JobQueue['backend'], redisUrl: () => string | null): void {
  vi.setConfig({ testTimeout: 60_000 })
  let running: QueuedServer
  let database: Database
  let queue: JobQueue
  let deliveries: DeliveryQueue
  let server: RunningServer

  beforeAll(async () => {
    running = await aQueuedServer(sources, redisUrl(), { operatorToken: token })
    ;({ database, queue, deliveries, server } = running)
  })
  afterAll(() => running.stop())
  beforeEach(async () => {
    await database.query('delete from schedule_pause')
    await Promise.all([queue.resume(), deliveries.resume()])
    // What was asked for is taken, so that it can be asked for again.
    const worker = queue.work(async () => ({ kind: 'done' }), 8)
    await expect.poll(async () => (await queue.counts()).waiting, { timeout: 20_000 }).toBe(0)
    await worker.stop()
  })

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/operator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, answer: await response.json() }
  }
  const areHeld = () => Promise.all([queue.isPaused(), deliveries.isPaused()])
  const keepPausesHere = () => keepPauses(database, { crawls: queue, deliveries })
  /** As a queue that was emptied, or is another one. */
  const losePauses = () => Promise.all([queue.resume(), deliveries.resume()])
  const waiting = async () => (await queue.counts()).waiting
  const held = async () => {
    const { sources, tags } = await findSchedulePauses(database)
    return [...sources, ...[...tags].map((tag) => `#${tag}`)]
  }
  const signIn = async () => {
    const response = await fetch(`${server.url}/operator/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ token, to: '/operator/sources/city' }),
    })
    return { response, cookie: response.headers.get('set-cookie') ?? '' }
  }
  const form = async (path: string, fields: Record<string, string>, headers: Record<string, string>) =>
    fetch(`${server.url}/operator/${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams(fields),
    })

  test('it is the queue of this backend', () => {
    expect(queue.backend).toBe(backend)
  })

  test('one source, those of a tag, and everything are crawled now, once each', async () => {
    expect(await post('crawl', { sources: ['city'] })).toEqual({ status: 200, answer: { crawled: ['city'] } })
    expect((await post('crawl', { tags: ['local'] })).answer).toEqual({ crawled: ['city', 'town'] })
    expect(await waiting()).toBe(2)
    expect((await post('crawl', { all: true })).answer).toEqual({ crawled: ['city', 'town', 'ministry'] })
    expect(await waiting()).toBe(3)
  })

  test('a source and a tag are held and go on, and what is free again is read at once', async () => {
    const both = { sources: ['city'], tags: ['local'] }
    expect((await post('pause', both)).status).toBe(200)
    expect(await held()).toEqual(['city', '#local'])
    expect((await post('resume', { tags: ['local'] })).answer).toEqual({
      resumed: [{ kind: 'tag', name: 'local' }],
      crawled: ['town'],
      stillPaused: ['city'],
      held: { sources: ['city'], tags: [] },
    })
    expect(await held()).toEqual(['city'])
    expect(await waiting()).toBe(1)
  })

  test('everything, or one of the queues, is held and goes on', async () => {
    expect((await post('pause', { all: true })).answer).toEqual({ paused: 'everything' })
    expect(await areHeld()).toEqual([true, true])
    expect((await post('resume', { deliveries: true })).answer).toMatchObject({ resumed: 'deliveries' })
    expect(await areHeld()).toEqual([true, false])
    expect((await post('resume', { all: true })).answer).toMatchObject({ resumed: 'everything' })
    expect(await areHeld()).toEqual([false, false])
    await post('pause', { crawls: true })
    expect(await areHeld()).toEqual([true, false])
  })

  test('a pause of a queue is put back where the queue has lost it, and not when it was let go', async () => {
    await post('pause', { all: true })
    await losePauses()
    expect([await keepPausesHere(), await areHeld(), await keepPausesHere()]).toEqual([
      ['crawls', 'deliveries'],
      [true, true],
      [],
    ])
    await post('resume', { crawls: true })
    expect([await keepPausesHere(), await areHeld()]).toEqual([[], [false, true]])
    await losePauses()
    expect([await keepPausesHere(), await areHeld()]).toEqual([['deliveries'], [false, true]])
    await post('resume', { all: true })
    expect([await keepPausesHere(), await areHeld()]).toEqual([[], [false, false]])
  })

  test('who lets everything go on is told what stays held', async () => {
    await post('pause', { sources: ['city'], tags: ['small'] })
    await post('pause', { all: true })
    expect((await post('resume', { all: true })).answer).toEqual({
      resumed: 'everything',
      crawled: [],
      stillPaused: ['city', 'town'],
      held: { sources: ['city'], tags: ['small'] },
    })
    expect((await post('resume', { deliveries: true })).answer).toMatchObject({ stillPaused: [] })
  })

  const aDeadDelivery = async () => {
    const webhook = {
      channel: 'webhook',
      target: 'all/hooks.example/0123456789ab',
      feedId: 'all',
      subject: 's',
    } as const
    await addDeliveries(database, [{ ...webhook, kind: 'new' }], new Date())
    const { rows } = await database.query<{ id: string }>('select id from delivery')
    const failure = { error: 'Expected status 2xx, got 500', nextAt: null, now: new Date() }
    await markDeliveryFailed(database, rows[0]?.id ?? '', failure)
  }
  const failOnce = async () => {
    const hasty = openJobQueue({ databaseUrl: database.connectionString, redisUrl: redisUrl() }, silent, quickTiming)
    await hasty.addCrawl('city')
    const worker = hasty.work(() => Promise.reject(new Error('the database is away')), 1)
    await expect.poll(async () => (await hasty.counts()).failed, { timeout: 30_000 }).toBe(1)
    await worker.stop()
    await hasty.close()
  }

  test('what was given up, crawls and deliveries, is shown and put back', async () => {
    await failOnce()
    await aDeadDelivery()
    const headers = { authorization: `Bearer ${token}` }
    const read = async () => (await fetch(`${server.url}/operator/queue.json`, { headers })).json()
    expect(await read()).toMatchObject({
      backend,
      crawls: { isPaused: false, counts: { failed: 1 } },
      deliveries: { channels: expect.arrayContaining([{ channel: 'webhook', waiting: 0, dead: 1 }]) },
      failed: expect.arrayContaining([
        expect.objectContaining({ queue: 'crawls', subject: 'city', reason: 'the database is away' }),
        expect.objectContaining({ queue: 'deliveries', subject: 'all', to: 'hooks.example' }),
      ]),
    })
    const page = await (await fetch(`${server.url}/operator/queue`, { headers })).text()
    for (const words of ['the database is away', 'all → hooks.example', '/operator/queue/board/']) {
      expect(page).toContain(words)
    }
    expect((await post('retry', { sources: ['city'] })).status).toBe(400)
    expect((await post('retry', { deliveries: true })).answer).toEqual({ retried: { crawls: 0, deliveries: 1 } })
    expect((await post('retry', { all: true })).answer).toEqual({ retried: { crawls: 1, deliveries: 0 } })
    expect(await read()).toMatchObject({ failed: [], crawls: { counts: { waiting: 1 } } })
  })

  test('Bull Board shows and changes the same queues, for operators alone', async () => {
    const board = `${server.url}/operator/queue/board`
    for (const [path, method] of [
      ['/', 'GET'],
      ['/api/queues', 'GET'],
      ['/static/favicon-32x32.png', 'GET'],
      ['/api/queues/pause', 'PUT'],
    ] as const) {
      expect([path, (await fetch(board + path, { method })).status]).toEqual([path, 401])
    }
    const cookie = (await signIn()).cookie.split(';')[0] ?? ''
    const index = await fetch(`${board}/`, { headers: { cookie } })
    expect([index.status, index.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
    expect(index.headers.get('content-security-policy')).toContain("script-src 'self';")
    const script = /src="(static\/js\/main[^"]+)"/.exec(await index.text())?.[1] ?? ''
    const file = await fetch(`${board}/${script}`, { headers: { cookie } })
    expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'private, max-age=86400'])

    await queue.addCrawl('town')
    expect(await (await fetch(`${board}/api/queues`, { headers: { cookie } })).json()).toMatchObject({
      queues: [{ name: 'newsfold', counts: { waiting: 1 } }, { name: 'newsfold-deliveries' }],
    })
    const change = (headers: Record<string, string>) =>
      fetch(`${board}/api/queues/newsfold/pause`, { method: 'PUT', headers: { cookie, ...headers } })
    expect([(await change({})).status, (await change({ origin: 'https://evil.example' })).status]).toEqual([401, 403])
    expect(await queue.isPaused()).toBe(false)
    expect((await change({ origin: server.url })).status).toBe(200)
    expect(await queue.isPaused()).toBe(true)
    expect(await findPausedQueues(database)).toEqual(new Set(['crawls']))
    await post('pause', { all: true })
    const resumed = await fetch(`${board}/api/queues/newsfold-deliveries/resume`, {
      method: 'PUT',
      headers: { cookie, origin: server.url },
    })
    expect(resumed.status).toBe(200)
    expect([await areHeld(), await findPausedQueues(database)]).toEqual([[true, false], new Set(['crawls'])])
    const added = await fetch(`${board}/api/queues/newsfold/add`, {
      method: 'POST',
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'crawl-source', data: { sourceId: 'ministry', jitterMs: 0 }, options: {} }),
    })
    expect(added.status).toBe(200)
    expect(await waiting()).toBe(2)
  })

  test('nothing is done for names that are not there, or for a body that names nothing', async () => {
    expect(await post('pause', { sources: ['ctiy'] })).toMatchObject({
      status: 404,
      answer: { code: 'source.unknown', error: 'There is no source "ctiy"; did you mean "city"?' },
    })
    expect((await post('pause', { sources: ['city'], tags: ['lokal'] })).status).toBe(404)
    for (const body of [{}, { all: false }, { all: true, tags: ['local'] }, { source: 'city' }, []]) {
      expect([body, (await post('pause', body)).status]).toEqual([body, 400])
    }
    expect([await held(), await queue.isPaused()]).toEqual([[], false])
  })

  test('a person signs in with the token and does the same by the buttons of a page', async () => {
    const { response, cookie } = await signIn()
    expect([response.status, response.headers.get('location')]).toEqual([303, '/operator/sources/city'])
    expect(cookie).toMatch(/^newsfold-operator=\d{13}\.[\w-]{43}; Path=\/operator; HttpOnly; SameSite=Strict; Max-Age=/)
    const headers = { cookie: cookie.split(';')[0] ?? '', origin: server.url }
    const page = await (await fetch(`${server.url}/operator/sources/city`, { headers })).text()
    expect(page).toContain('formaction="/operator/pause"')
    expect(page).toContain('<code>https://a.example/</code>')

    const to = '/operator/sources?tag=local'
    const paused = await form('pause', { tag: 'local', to }, headers)
    expect([paused.status, paused.headers.get('location')]).toEqual([303, `${to}&done=pause`])
    expect(await held()).toEqual(['#local'])
    const list = await (await fetch(server.url + to, { headers })).text()
    expect(list.match(/<mark class="is-paused">/g)).toHaveLength(2)
    await form('resume', { tag: 'local' }, headers)
    expect(await held()).toEqual([])
    await form('pause', { all: '1' }, headers)
    expect(await queue.isPaused()).toBe(true)
    await form('resume', { all: '1' }, headers)
    await form('crawl', { source: 'ministry' }, headers)
    expect(await waiting()).toBe(3)
  })

  test('a session opens nothing for pages of others, and none is a form that names no origin', async () => {
    const cookie = (await signIn()).cookie.split(';')[0] ?? ''
    const tries: readonly (readonly [number, Record<string, string>])[] = [
      [403, { cookie, origin: 'https://evil.example' }],
      [403, { cookie, origin: 'null' }],
      [401, { cookie }],
      [401, { cookie, 'sec-fetch-site': 'cross-site' }],
      [401, { cookie: `${cookie}x`, origin: server.url }],
      [401, { cookie: cookie.replace(/=\d/, '=9'), origin: server.url }],
      [401, { cookie: 'newsfold-operator=', origin: server.url }],
      [401, { origin: server.url }],
    ]
    for (const [status, headers] of tries) {
      expect([headers, (await form('pause', { all: '1' }, headers)).status]).toEqual([headers, status])
    }
    expect(await queue.isPaused()).toBe(false)
  })

  test('who is not signed in is shown how to, in the place of any page, and leads nowhere else', async () => {
    for (const path of ['/operator', '/operator/sources', '/operator/sources/city']) {
      const response = await fetch(server.url + path)
      expect([path, response.status]).toEqual([path, 401])
      expect(response.headers.get('cache-control')).toBe('no-store')
      const text = await response.text()
      expect(text).toContain(`name="to" value="${path}"`)
      expect(text).not.toContain('a.example')
    }
    const wrong = await form('sign-in', { token: `${token}x` }, {})
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    for (const to of [
      'https://evil.example/',
      '//evil.example',
      '/operator//evil.example',
      '/operator\\..',
      '/feeds',
    ]) {
      const { headers } = await form('sign-in', { token, to }, {})
      expect([to, headers.get('location')]).toEqual([to, '/operator/sources'])
    }
    const cookie = (await signIn()).cookie.split(';')[0] ?? ''
    expect((await form('sign-out', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403)
    const out = await form('sign-out', {}, { cookie, origin: server.url })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
  })
}
