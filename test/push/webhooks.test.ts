import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { listDeadLetters, retryDeadLetters } from '../../src/archive/deliveries.ts'
import type { Database } from '../../src/archive/database.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { keepStory, type GivenArticle } from '../keep-story.ts'
import { aNewsfold, type TestNewsfold } from './a-newsfold.ts'
import { aSubscriber, type Received, type Subscriber } from './a-subscriber.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 20_000, interval: 20 }

let database: Database
let receiver: Subscriber
let newsfold: TestNewsfold | null = null

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())
beforeEach(async () => {
  await withoutStories(database, 'delivery')
  receiver = await aSubscriber()
  receiver.answer = () => ({ status: 200, body: '{"errcode":0,"code":0}' })
})
afterEach(async () => {
  await newsfold?.stop()
  newsfold = null
  await receiver.close()
})

/** A program whose feed of everything has one webhook; our fixtures are from 2019, so no story is too old. */
async function withWebhook(webhook: Record<string, unknown>, feed: Record<string, unknown> = {}): Promise<void> {
  const webhooks = [{ url: `${receiver.url}/hook?key=k%20y`, maxAge: '36500d', ...webhook }]
  const feeds = [{ id: 'all', title: '全部', webhooks, ...feed }]
  newsfold = await aNewsfold(database, { feeds, allowPrivateHosts: [receiver.host] })
}

const keep = (more: Partial<GivenArticle> = {}) =>
  keepStory(database, {
    title: '关于<停水>的通告 & 说明',
    bodyText: '市水务局今日通告，下周三起更换供水管道。\n请居民储水。',
    summary: '下周三起停水 <六小时> & 恢复',
    origin: '市水务局',
    url: 'https://news.example/a?x=1&y=2|3',
    images: [{ url: 'https://news.example/pipe.jpg', alt: null, caption: null, width: null, height: null }],
    ...more,
  })

async function onePost(): Promise<Received> {
  await expect.poll(() => receiver.posts().length, soon).toBe(1)
  const [post] = receiver.posts()
  if (!post) throw new Error('There was no post')
  return post
}

const bodyOf = (post: Received): unknown => JSON.parse(post.body.toString())

const outboxIsRead = () =>
  expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)

test('a webhook gets a new story as a JSON Feed item, signed, with ids to leave out what it has', async () => {
  await withWebhook({ secret: 'quiet' })
  const id = await keep()
  const post = await onePost()
  expect(bodyOf(post)).toMatchObject({
    id: `urn:uuid:${id}`,
    title: '关于<停水>的通告 & 说明',
    summary: '下周三起停水 <六小时> & 恢复',
    content_html: expect.stringContaining('更换供水管道'),
    _newsfold: { origin: '市水务局' },
  })
  const signature = createHmac('sha256', 'quiet').update(post.body).digest('hex')
  expect(post.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-hub-signature-256': `sha256=${signature}`,
    'x-newsfold-event': 'new',
    'x-newsfold-item': `urn:uuid:${id}`,
    'x-newsfold-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(post.rawQuery).toBe('key=k%20y')
})

test('Feishu gets a post, signed with the time as the key', async () => {
  await withWebhook({ template: 'feishu', secret: 'fs' })
  await keep()
  const shape = z.object({ timestamp: z.string(), sign: z.string() })
  const body = bodyOf(await onePost())
  expect(body).toMatchObject({
    msg_type: 'post',
    content: {
      post: {
        zh_cn: {
          title: '关于<停水>的通告 & 说明',
          content: [
            [{ tag: 'text', text: '下周三起停水 <六小时> & 恢复' }],
            [
              { tag: 'a', text: '查看原文', href: 'https://news.example/a?x=1&y=2|3' },
              { tag: 'text', text: ' · 市水务局' },
            ],
          ],
        },
      },
    },
  })
  const { timestamp, sign } = shape.parse(body)
  expect(sign).toBe(createHmac('sha256', `${timestamp}\nfs`).update('').digest('base64'))
  expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000)
})

test('DingTalk gets a link, signed in the address behind its own parameters', async () => {
  await withWebhook({ template: 'dingtalk', secret: 'SECdd' })
  await keep()
  const post = await onePost()
  expect(bodyOf(post)).toEqual({
    msgtype: 'link',
    link: {
      title: '关于<停水>的通告 & 说明',
      text: '下周三起停水 <六小时> & 恢复',
      messageUrl: expect.stringContaining('https://news.example/a'),
      picUrl: 'https://news.example/pipe.jpg',
    },
  })
  const timestamp = post.query.get('timestamp') ?? ''
  expect(post.query.get('key')).toBe('k y')
  expect(post.query.get('sign')).toBe(createHmac('sha256', 'SECdd').update(`${timestamp}\nSECdd`).digest('base64'))
})

test('WeCom gets news within its bounds of bytes', async () => {
  await withWebhook({ template: 'wecom' })
  await keep({ title: '长'.repeat(100), summary: '述'.repeat(300) })
  const shape = z.object({
    msgtype: z.literal('news'),
    news: z.object({ articles: z.array(z.record(z.string(), z.string())) }),
  })
  const [article] = shape.parse(bodyOf(await onePost())).news.articles
  expect(article).toMatchObject({ title: expect.stringMatching(/^长{30,}…$/), picurl: 'https://news.example/pipe.jpg' })
  expect(Buffer.byteLength(article?.['title'] ?? '')).toBeLessThanOrEqual(128)
  expect(Buffer.byteLength(article?.['description'] ?? '')).toBeLessThanOrEqual(512)
})

test('Slack gets a section whose text cannot break out of its link', async () => {
  await withWebhook({ template: 'slack' })
  await keep({ title: '关于<停水>的|通告 & 说明' })
  expect(bodyOf(await onePost())).toMatchObject({
    text: '关于&lt;停水&gt;的|通告 &amp; 说明',
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text:
            '*<https://news.example/a?x=1&y=2%7C3|关于&lt;停水&gt;的 通告 &amp; 说明>*\n' +
            '下周三起停水 &lt;六小时&gt; &amp; 恢复\n市水务局',
        },
      },
    ],
  })
})

test('a webhook is told of what its feed asks for alone, and of changes only where it asks for them', async () => {
  await withWebhook({ events: ['new', 'changed'] }, { query: '停水' })
  await keep({
    title: '运动会通告',
    bodyText: '市里今天举行运动会。',
    summary: null,
    url: 'https://news.example/sport',
  })
  const id = await keep()
  await expect.poll(() => receiver.posts().length, soon).toBe(1)
  await keep({ url: 'https://copy.example/1', title: '关于停水的通告', sourceId: 'portal', copyOf: id })
  await expect.poll(() => receiver.posts().length, soon).toBe(2)
  expect(receiver.posts().map(({ headers }) => [headers['x-newsfold-event'], headers['x-newsfold-item']])).toEqual([
    ['new', `urn:uuid:${id}`],
    ['changed', `urn:uuid:${id}`],
  ])
})

test('stories that were published long ago are no news', async () => {
  await withWebhook({ maxAge: '2d' })
  await keep()
  await outboxIsRead()
  expect((await database.query('select from delivery')).rows).toEqual([])
  expect(receiver.posts()).toEqual([])
})

test('a delivery that fails is tried again with the same id, and what the answer asks for is waited', async () => {
  await withWebhook({})
  receiver.answer = () => ({ status: 429, headers: { 'retry-after': '60' } })
  await keep()
  await expect
    .poll(async () => (await database.query<{ attempts: number }>('select attempts from delivery')).rows, soon)
    .toEqual([{ attempts: 1 }])
  newsfold?.passTime(30_000)
  receiver.answer = () => ({ status: 200 })
  await outboxIsRead()
  expect(receiver.posts()).toHaveLength(1)
  newsfold?.passTime(31_000)
  await expect.poll(async () => (await database.query('select from delivery')).rows.length, soon).toBe(0)
  const ids = receiver.posts().map(({ headers }) => headers['x-newsfold-delivery'])
  expect(ids).toEqual([ids[0], ids[0]])
  expect(newsfold?.tries).toEqual(['webhook failed', 'webhook taken'])
})

test('a chat service that refuses with status 200 has not taken the message', async () => {
  await withWebhook({ template: 'wecom' })
  receiver.answer = () => ({ status: 200, body: '{"errcode":45009,"errmsg":"api freq out of limit"}' })
  await keep()
  await expect
    .poll(async () => (await database.query<{ e: string }>('select last_error as e from delivery')).rows, soon)
    .toEqual([{ e: 'refused with code 45009: api freq out of limit' }])
})

test('what is refused for good is a dead letter, and is sent again on request', async () => {
  await withWebhook({})
  receiver.answer = () => ({ status: 404, body: 'no such hook' })
  const id = await keep()
  await expect
    .poll(() => listDeadLetters(database, 10), soon)
    .toMatchObject([
      {
        channel: 'webhook',
        feedId: 'all',
        subject: id,
        attempts: 1,
        lastError: 'Expected status 2xx, got 404: no such hook',
        title: '关于<停水>的通告 & 说明',
      },
    ])
  const [letter] = await listDeadLetters(database, 10)
  // The address of a chat service is a secret.
  expect(JSON.stringify(letter)).not.toContain('k%20y')
  receiver.answer = () => ({ status: 200 })
  expect(await retryDeadLetters(database, ['00000000-0000-4000-8000-000000000000'], new Date())).toBe(0)
  expect(await retryDeadLetters(database, [letter?.id ?? ''], new Date())).toBe(1)
  await expect.poll(() => receiver.posts().length, soon).toBe(2)
  await expect.poll(async () => (await database.query('select from delivery')).rows.length, soon).toBe(0)
})

test('after the last try a delivery is a dead letter', async () => {
  await withWebhook({})
  receiver.answer = () => ({ status: 503 })
  await keep()
  for (let n = 1; n <= 12; n++) {
    await expect
      .poll(async () => (await database.query<{ n: number }>('select attempts as n from delivery')).rows, soon)
      .toEqual([{ n }])
    newsfold?.passTime(3600_000)
    // The dispatcher looks at what is due when it is told that something is.
    await database.query(`select pg_notify('newsfold_push', '')`)
  }
  expect(await listDeadLetters(database, 10)).toMatchObject([{ attempts: 12 }])
  expect(receiver.posts()).toHaveLength(12)
})

test('a webhook at a private address that is not allowed is never asked', async () => {
  const webhooks = [{ url: `${receiver.url}/hook`, maxAge: '36500d' }]
  newsfold = await aNewsfold(database, { feeds: [{ id: 'all', title: '全部', webhooks }], allowPrivateHosts: [] })
  await keep()
  await expect
    .poll(async () => (await listDeadLetters(database, 10))[0]?.lastError, soon)
    .toContain('expected a public address')
  const [letter] = await listDeadLetters(database, 10)
  // The address of a chat service is a secret.
  expect(letter?.lastError).not.toContain('/hook')
  expect(receiver.received).toEqual([])
})
