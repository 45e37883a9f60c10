import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { openDeliveryQueue } from '../../src/queue/delivery-queue.ts'
import type { DeliverData } from '../../src/queue/jobs.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { silent } from '../silent.ts'
import { askHub, aNewsfold, type TestNewsfold } from './a-newsfold.ts'
import { aSubscriber, type Subscriber } from './a-subscriber.ts'

const soon = { timeout: 30_000, interval: 20 }

/** What the push does on every backend of the queue. */
export function testPush(backend: 'postgres' | 'redis', redisUrl: () => string | null): void {
  vi.setConfig({ testTimeout: 60_000 })
  let database: Database
  let subscriber: Subscriber
  let newsfold: TestNewsfold
  const begin = () => aNewsfold(database, { allowPrivateHosts: [subscriber.host], redisUrl: redisUrl() })

  beforeAll(async () => {
    database = await anArchive()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await withoutStories(database, 'subscription', 'subscription_request', 'delivery')
    subscriber = await aSubscriber()
    newsfold = await begin()
  })
  afterEach(async () => {
    await newsfold.stop()
    await subscriber.close()
  })

  const keep = (title: string) => keepStory(database, { title, bodyText: `${title}：市里今天说了一件事。` })
  const subscribe = async (topic: string) => {
    await askHub(newsfold, { 'hub.mode': 'subscribe', 'hub.topic': topic, 'hub.callback': subscriber.url })
    await expect.poll(async () => (await database.query('select from subscription')).rows.length, soon).toBe(1)
  }
  const isAllSent = () =>
    expect
      .poll(async () => (await database.query('select from subscription where next_at is null')).rows.length, soon)
      .toBe(1)

  test('deliveries that are paused wait, and go out when they go on', async () => {
    await subscribe(newsfold.topic('all.json'))
    await newsfold.queue.pause()
    expect(await newsfold.queue.isPaused()).toBe(true)
    await keep('停水通知')
    await expect.poll(async () => (await newsfold.queue.counts()).waiting, soon).toBe(1)
    expect(subscriber.posts()).toEqual([])
    await newsfold.queue.resume()
    await expect.poll(() => subscriber.posts().length, soon).toBe(1)
    expect(await newsfold.queue.counts()).toMatchObject({ waiting: 0 })
  })

  test('a burst of stories is delivered, all of them, in fewer deliveries than stories', async () => {
    expect(newsfold.queue.backend).toBe(backend)
    await subscribe(newsfold.topic('all.json'))
    const titles = Array.from({ length: 20 }, (_, n) => `第${n}条公告`)
    await Promise.all(titles.map(keep))
    await expect
      .poll(() => titles.filter((title) => subscriber.posts().at(-1)?.body.toString().includes(title)).length, soon)
      .toBe(20)
    await isAllSent()
    expect(subscriber.posts().length).toBeLessThan(20)
  })

  test('a queue that lost everything is filled again from the archive', async () => {
    await subscribe(newsfold.topic('all.json'))
    const topic = newsfold.topic('all.json')
    await newsfold.stop()
    await database.query(`update subscription set due_hash = 'lost', next_at = now(), queued_at = now()`)
    newsfold = await begin()
    // The feed is where it was for the subscriber: the archive has its old address.
    await database.query('update subscription set topic = replace(topic, $1, $2)', [
      new URL(topic).origin,
      newsfold.server.url,
    ])
    newsfold.passTime(31_000)
    await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  })

  test('a story that was archived while nobody dispatched goes out at the next start', async () => {
    const topic = newsfold.topic('all.json')
    await subscribe(topic)
    const port = new URL(topic).port
    await newsfold.stop()
    await keep('停机时的公告')
    newsfold = await begin()
    await database.query('update subscription set topic = replace(topic, $1, $2)', [
      `127.0.0.1:${port}`,
      new URL(newsfold.server.url).host,
    ])
    await keep('之后的公告')
    await expect.poll(() => subscriber.posts().at(-1)?.body.toString() ?? '', soon).toContain('停机时的公告')
  })

  test('a job is there once however often it is added, and its id is free again when it is done', async () => {
    await newsfold.stop()
    const queue = openDeliveryQueue({ databaseUrl: database.connectionString, redisUrl: redisUrl() }, silent)
    const data: DeliverData = { kind: 'content', id: '11111111-1111-4111-8111-111111111111', version: 7 }
    const seen: DeliverData[] = []
    // Of what the tests before have left there.
    await queue.empty()
    await queue.add([data, data])
    await queue.add([data])
    const worker = queue.work(async (one) => {
      seen.push(one)
      if (seen.length === 1) throw new Error('the first try fails')
    }, 2)
    await expect.poll(() => seen.length, soon).toBe(1)
    // It is gone from the queue soon after it has failed, and may be added again.
    await expect
      .poll(async () => {
        if (seen.length < 2) await queue.add([data])
        return seen.length
      }, soon)
      .toBeGreaterThanOrEqual(2)
    expect(seen.slice(0, 2)).toEqual([data, data])
    await worker.stop()
    await queue.empty()
    await queue.close()
    newsfold = await begin()
  })
}
