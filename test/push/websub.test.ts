import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { askHub, aNewsfold, type TestNewsfold } from './a-newsfold.ts'
import { aSubscriber, confirming, type Subscriber } from './a-subscriber.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 20_000, interval: 20 }

let database: Database
let subscriber: Subscriber
let newsfold: TestNewsfold

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())
beforeEach(async () => {
  await withoutStories(database, 'subscription', 'subscription_request')
  subscriber = await aSubscriber()
  newsfold = await aNewsfold(database, { allowPrivateHosts: [subscriber.host] })
  await keepStory(database, { title: '旧闻', bodyText: '市里上月办成了一件事，市民都说办得好。' })
})
afterEach(async () => {
  await newsfold.stop()
  await subscriber.close()
})

const keep = (title: string) =>
  keepStory(database, { title, bodyText: `${title}：市水务局今日通告，下周三起更换供水管道，请居民储水。` })

async function subscribe(more: Record<string, string> = {}): Promise<string> {
  const topic = more['hub.topic'] ?? newsfold.topic('all.rss')
  const answer = await askHub(newsfold, {
    'hub.mode': 'subscribe',
    'hub.topic': topic,
    'hub.callback': `${subscriber.url}/callback`,
    ...more,
  })
  expect(answer.status).toBe(202)
  return topic
}

async function subscriptions(): Promise<{ id: string; days: number; error: string | null; attempts: number }[]> {
  const { rows } = await database.query<{ id: string; days: number; error: string | null; attempts: number }>(
    `select id, extract(epoch from expires_at - created_at)::float8 / 86400 as days, last_error as error, attempts
     from subscription order by created_at`,
  )
  return rows
}

test('a feed names the hub and itself, in its headers and in its text', async () => {
  for (const file of ['all.rss', 'all.atom', 'all.json']) {
    const answer = await fetch(newsfold.topic(file))
    expect(answer.headers.get('link')).toBe(
      `<${newsfold.server.url}/hub>; rel="hub", <${newsfold.topic(file)}>; rel="self"`,
    )
    expect(await answer.text()).toContain(`${newsfold.server.url}/hub`)
  }
})

test('a subscriber that confirms gets the whole feed when a release is archived, within two seconds', async () => {
  const topic = await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  const [asked] = subscriber.received
  expect(asked?.method).toBe('GET')
  expect(asked?.query.get('hub.mode')).toBe('subscribe')
  expect(asked?.query.get('hub.topic')).toBe(topic)
  expect(asked?.query.get('hub.lease_seconds')).toBe(String(10 * 86_400))
  expect(subscriber.posts()).toEqual([])

  const archivedAt = Date.now()
  await keep('停水通告')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  const [post] = subscriber.posts()
  expect((post?.at ?? 0) - archivedAt).toBeLessThan(2000)
  expect(post?.headers['content-type']).toBe('application/rss+xml; charset=utf-8')
  expect(post?.headers['link']).toBe(`<${newsfold.server.url}/hub>; rel="hub", <${topic}>; rel="self"`)
  expect(post?.headers['x-hub-signature']).toBeUndefined()
  expect(post?.body.toString()).toBe(await (await fetch(topic)).text())
  expect(post?.body.toString()).toContain('停水通告')
})

test('content is signed with the secret that the subscriber gave', async () => {
  const secret = '口令 s3cret'
  await subscribe({ 'hub.secret': secret })
  await expect.poll(subscriptions, soon).toHaveLength(1)
  await keep('签名通告')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  const [post] = subscriber.posts()
  const expected = createHmac('sha256', secret)
    .update(post?.body ?? '')
    .digest('hex')
  expect(post?.headers['x-hub-signature']).toBe(`sha256=${expected}`)
})

test('the query of a callback is kept as it is, and the parameters of the hub come behind it', async () => {
  await subscribe({ 'hub.callback': `${subscriber.url}/callback?who=%E6%88%91%20a+b&x=1` })
  await expect.poll(subscriptions, soon).toHaveLength(1)
  expect(subscriber.received[0]?.rawQuery).toMatch(/^who=%E6%88%91%20a\+b&x=1&hub\.mode=subscribe&/)
  await keep('带参数的回调')
  await expect.poll(() => subscriber.posts()[0]?.rawQuery, soon).toBe('who=%E6%88%91%20a+b&x=1')
})

test('subscribing again renews the lease and the secret, and there is still one subscription', async () => {
  await subscribe({ 'hub.lease_seconds': '86400' })
  await expect.poll(subscriptions, soon).toMatchObject([{ days: 1 }])
  await subscribe({ 'hub.lease_seconds': '172800', 'hub.secret': 'new' })
  await expect.poll(async () => Math.round((await subscriptions())[0]?.days ?? 0), soon).toBe(2)
  expect(await subscriptions()).toHaveLength(1)
  await keep('续订之后')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  expect(subscriber.posts()[0]?.headers['x-hub-signature']).toMatch(/^sha256=/)
})

test('leases have bounds', async () => {
  await subscribe({ 'hub.lease_seconds': '999999999' })
  await subscribe({ 'hub.lease_seconds': '1', 'hub.callback': `${subscriber.url}/short` })
  await expect.poll(async () => (await subscriptions()).length, soon).toBe(2)
  const days = (await subscriptions()).map(({ days }) => days).toSorted((a, b) => a - b)
  expect(days).toEqual([300 / 86_400, 30].map((value) => expect.closeTo(value, 3)))
})

test('a subscriber that does not confirm is not subscribed, whatever it answers', async () => {
  for (const answer of [{ status: 404 }, { status: 200, body: 'something else' }, { status: 302 }]) {
    subscriber.answer = ({ query }) => ({ body: query.get('hub.challenge') ?? '', ...answer })
    const before = subscriber.received.length
    await subscribe()
    await expect.poll(() => subscriber.received.length, soon).toBe(before + 1)
    await expect.poll(async () => (await database.query('select from subscription_request')).rows.length, soon).toBe(0)
    expect(await subscriptions()).toEqual([])
  }
})

test('what is asked in the name of a subscriber that does not confirm leaves its subscription as it was', async () => {
  const topic = await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  subscriber.answer = () => ({ status: 404 })
  const request = { 'hub.mode': 'unsubscribe', 'hub.topic': topic, 'hub.callback': `${subscriber.url}/callback` }
  expect((await askHub(newsfold, request)).status).toBe(202)
  await expect.poll(() => subscriber.received.length, soon).toBe(2)
  await expect.poll(async () => (await database.query('select from subscription_request')).rows.length, soon).toBe(0)
  expect(await subscriptions()).toHaveLength(1)
})

test('a subscriber that unsubscribes and confirms it gets nothing more', async () => {
  const topic = await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  const request = { 'hub.mode': 'unsubscribe', 'hub.topic': topic, 'hub.callback': `${subscriber.url}/callback` }
  expect((await askHub(newsfold, request)).status).toBe(202)
  await expect.poll(subscriptions, soon).toEqual([])
  expect(subscriber.received[1]?.query.get('hub.mode')).toBe('unsubscribe')
  expect(subscriber.received[1]?.query.get('hub.lease_seconds')).toBe(null)
  await keep('退订之后')
  await expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)
  expect(subscriber.posts()).toEqual([])
})

test('a topic that is no feed of ours is denied, with the reason', async () => {
  const strange = ['http://127.0.0.1:9/feeds/all.rss', newsfold.topic('none.rss'), newsfold.topic('all.html')]
  for (const [index, topic] of strange.entries()) {
    await subscribe({ 'hub.topic': topic })
    await expect.poll(() => subscriber.received.length, soon).toBe(index + 1)
    expect(subscriber.received[index]?.query.get('hub.mode')).toBe('denied')
    expect(subscriber.received[index]?.query.get('hub.topic')).toBe(topic)
    expect(subscriber.received[index]?.query.get('hub.reason')).toContain('no such feed')
  }
  expect(await subscriptions()).toEqual([])
})

test('requests that say too little or too much are refused with what is wrong', async () => {
  const good = {
    'hub.mode': 'subscribe',
    'hub.topic': newsfold.topic('all.rss'),
    'hub.callback': `${subscriber.url}/callback`,
  }
  const bad: [Record<string, string>, string][] = [
    [{ 'hub.mode': 'watch' }, 'hub.mode'],
    [{ 'hub.callback': '' }, 'hub.callback'],
    [{ 'hub.callback': 'ftp://files.example/' }, 'hub.callback'],
    [{ 'hub.topic': '' }, 'hub.topic'],
    [{ 'hub.secret': 's'.repeat(200) }, 'hub.secret'],
    [{ 'hub.lease_seconds': 'long' }, 'hub.lease_seconds'],
    // Loopback, and a cloud's metadata service.
    [{ 'hub.callback': 'http://127.0.0.1:1/' }, 'hub.callback'],
    [{ 'hub.callback': 'http://169.254.169.254/latest' }, 'hub.callback'],
    [{ 'hub.callback': 'http://[::1]/' }, 'hub.callback'],
  ]
  for (const [parameters, named] of bad) {
    const answer = await askHub(newsfold, { ...good, ...parameters })
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(named)])
  }
  expect((await askHub(newsfold, good, { origin: 'https://other.example' })).status).toBe(403)
  expect((await fetch(`${newsfold.server.url}/hub`)).status).toBe(405)
  expect(subscriber.received).toEqual([])
})

test('a name that leads to a private address is not asked', async () => {
  const topic = newsfold.topic('all.rss')
  const callback = subscriber.url.replace('127.0.0.1', 'localhost')
  const request = { 'hub.mode': 'subscribe', 'hub.topic': topic, 'hub.callback': callback }
  expect((await askHub(newsfold, request)).status).toBe(202)
  await expect.poll(async () => (await database.query('select from subscription_request')).rows.length, soon).toBe(0)
  expect(subscriber.received).toEqual([])
  expect(await subscriptions()).toEqual([])
})

test('one host cannot make the hub ask it more than twenty things at a time', async () => {
  await newsfold.stop()
  // Nobody works on the requests.
  newsfold = await aNewsfold(database, { allowPrivateHosts: [subscriber.host], isIdle: true })
  const statuses = []
  for (let n = 0; n < 22; n++) {
    const answer = await askHub(newsfold, {
      'hub.mode': 'subscribe',
      'hub.topic': newsfold.topic('all.rss'),
      'hub.callback': `${subscriber.url}/${n}`,
    })
    statuses.push(answer.status)
  }
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 202), 503, 503])
})

test('topics are bounded, and who leaves is welcome all the same', async () => {
  await database.query(
    `insert into subscription (id, topic, callback, expires_at, created_at)
     select gen_random_uuid(), 'http://news.example/feeds/search.rss?q=' || n, 'http://reader.example/', $1, $1
     from generate_series(1, 300) n`,
    [new Date(Date.now() + 86_400_000)],
  )
  const request = { 'hub.topic': newsfold.topic('all.rss'), 'hub.callback': `${subscriber.url}/callback` }
  const refused = await askHub(newsfold, { 'hub.mode': 'subscribe', ...request })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60'])
  expect((await askHub(newsfold, { 'hub.mode': 'unsubscribe', ...request })).status).toBe(202)
})

test('nothing is delivered after the end of a lease', async () => {
  await subscribe({ 'hub.lease_seconds': '3600' })
  await expect.poll(subscriptions, soon).toHaveLength(1)
  newsfold.passTime(3601_000)
  await keep('租期之后')
  await expect.poll(subscriptions, soon).toEqual([])
  await expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)
  expect(subscriber.posts()).toEqual([])
})

test('a callback that is gone ends the subscription', async () => {
  await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  subscriber.answer = () => ({ status: 410 })
  await keep('回调已不在')
  await expect.poll(subscriptions, soon).toEqual([])
  expect(subscriber.posts()).toHaveLength(1)
  expect(newsfold.tries).toEqual(['websub given-up'])
})

test('a delivery that fails is tried again, later each time, with what the feed shows by then', async () => {
  await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  subscriber.answer = () => ({ status: 500, body: 'out of order' })
  await keep('第一条')
  await expect
    .poll(subscriptions, soon)
    .toMatchObject([{ attempts: 1, error: 'Expected status 2xx, got 500: out of order' }])
  await keep('第二条')
  await expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)
  // News do not make a subscriber that fails be asked sooner.
  expect(subscriber.posts()).toHaveLength(1)
  newsfold.passTime(5000)
  await expect.poll(subscriptions, soon).toMatchObject([{ attempts: 2 }])
  newsfold.passTime(5000)
  subscriber.answer = confirming
  expect(subscriber.posts()).toHaveLength(2)
  newsfold.passTime(5000)
  await expect.poll(subscriptions, soon).toMatchObject([{ attempts: 0, error: null }])
  expect(subscriber.posts()).toHaveLength(3)
  expect(subscriber.posts()[2]?.body.toString()).toContain('第一条')
  expect(subscriber.posts()[2]?.body.toString()).toContain('第二条')
  expect(newsfold.tries).toEqual(['websub failed', 'websub failed', 'websub taken'])
})

test('a story that a topic does not have is not delivered to it', async () => {
  await newsfold.stop()
  const feeds = [
    { id: 'ministries', title: '部委', tags: ['ministry'] },
    { id: 'all', title: '全部' },
  ]
  newsfold = await aNewsfold(database, { feeds, allowPrivateHosts: [subscriber.host] })
  await subscribe({ 'hub.topic': newsfold.topic('ministries.json'), 'hub.callback': `${subscriber.url}/ministries` })
  await subscribe({ 'hub.topic': newsfold.topic('all.json'), 'hub.callback': `${subscriber.url}/all` })
  await expect.poll(subscriptions, soon).toHaveLength(2)
  await keep('城市的事')
  await expect.poll(() => subscriber.posts().map(({ path }) => path), soon).toEqual(['/all'])
  await keepStory(database, { title: '部里的事', bodyText: '商务部今日发布外贸数据，同比增长。', sourceId: 'ministry' })
  await expect
    .poll(
      () =>
        subscriber
          .posts()
          .map(({ path }) => path)
          .toSorted(),
      soon,
    )
    .toEqual(['/all', '/all', '/ministries'])
})

test('a search can be subscribed to', async () => {
  await subscribe({ 'hub.topic': newsfold.topic('search.rss?q=%E4%BE%9B%E6%B0%B4') })
  await expect.poll(subscriptions, soon).toHaveLength(1)
  await keepStory(database, { title: '无关', bodyText: '市里今天举行了一场运动会，天气晴好。' })
  await keep('供水的事')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  expect(subscriber.posts()[0]?.body.toString()).not.toContain('运动会')
})

test('a hub of others is pinged with each topic that has changed, and feeds name it too', async () => {
  await newsfold.stop()
  const hub = `${subscriber.url}/publish`
  newsfold = await aNewsfold(database, { allowPrivateHosts: [subscriber.host], hubs: [hub] })
  const topic = newsfold.topic('all.rss')
  expect((await fetch(topic)).headers.get('link')).toContain(`<${hub}>; rel="hub"`)
  await keep('给别家的集线器')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  const form = new URLSearchParams(subscriber.posts()[0]?.body.toString())
  expect([form.get('hub.mode'), form.get('hub.url')]).toEqual(['publish', topic])
  await expect.poll(() => newsfold.tries, soon).toEqual(['hub taken'])
})

test('a stop does not wait for a subscriber that never answers, which gets its content from the next start', async () => {
  const topic = await subscribe()
  await expect.poll(subscriptions, soon).toHaveLength(1)
  const answer = subscriber.answer
  subscriber.answer = () => 'never'
  await keep('没有回音')
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  const stoppedAt = Date.now()
  await newsfold.stop()
  expect(Date.now() - stoppedAt).toBeLessThan(8000)
  expect(await subscriptions()).toMatchObject([{ attempts: 1 }])
  subscriber.answer = answer
  newsfold = await aNewsfold(database, { allowPrivateHosts: [subscriber.host] })
  await database.query('update subscription set topic = replace(topic, $1, $2)', [
    new URL(topic).origin,
    newsfold.server.url,
  ])
  newsfold.passTime(6000)
  await expect.poll(() => subscriber.posts().length, soon).toBe(2)
})
