import { request, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { aNewsfold, type TestNewsfold } from './a-newsfold.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 20_000, interval: 20 }

let database: Database
let newsfold: TestNewsfold
const streams: IncomingMessage[] = []

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())
beforeEach(async () => {
  await withoutStories(database)
  newsfold = await aNewsfold(database, { allowPrivateHosts: [], mostClients: 3 })
})
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy()
  await newsfold.stop()
})

interface Stream {
  readonly status: number
  readonly type: string | undefined
  readonly text: () => string
  readonly events: () => Record<string, string>[]
  readonly isOver: () => boolean
  close(): void
}

function open(headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(`${newsfold.server.url}/events`, { headers, agent: false }, (response) => {
      streams.push(response)
      let text = ''
      let isOver = false
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('error', () => undefined).on('close', () => (isOver = true))
      const events = () =>
        text
          .split('\n\n')
          .filter((block) => block.includes('event:'))
          .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'],
        text: () => text,
        events,
        isOver: () => isOver,
        close: () => response.destroy(),
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

const keep = (title: string) => keepStory(database, { title, bodyText: `${title}：市里今天说了一件事，大家都记下来。` })

test('a page that is open is told of new and changed stories, each with an id', async () => {
  const stream = await open()
  expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
  const id = await keep('第一件\n事')
  await expect.poll(() => stream.events().length, soon).toBe(1)
  await keepStory(database, { title: '副本', bodyText: '市里今天说了一件事。', sourceId: 'portal', copyOf: id })
  await expect.poll(() => stream.events().length, soon).toBe(2)
  expect(stream.events().map(({ event }) => event)).toEqual(['new', 'changed'])
  expect(JSON.parse(stream.events()[0]?.['data'] ?? '')).toMatchObject({
    id: `urn:uuid:${id}`,
    source: '市政府',
    page: `${newsfold.server.url}/stories/${id}`,
  })
  expect(stream.text()).toMatch(/^retry: \d+\n\n/)
})

test('a client that was cut off gets what it has missed, once and in order', async () => {
  const first = await open()
  await keep('一')
  await expect.poll(() => first.events().length, soon).toBe(1)
  const last = first.events()[0]?.['id'] ?? ''
  first.close()
  const missed = [await keep('二'), await keep('三'), await keep('四')]
  await expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)
  const again = await open({ 'last-event-id': last })
  await expect.poll(() => again.events().length, soon).toBe(3)
  missed.push(await keep('五'))
  await expect.poll(() => again.events().length, soon).toBe(4)
  const ids = again.events().map(({ data }) => String(JSON.parse(data ?? '').id))
  expect(ids.slice(0, 3).toSorted()).toEqual(
    missed
      .slice(0, 3)
      .map((id) => `urn:uuid:${id}`)
      .toSorted(),
  )
  expect(ids[3]).toBe(`urn:uuid:${missed[3]}`)
  const numbers = again.events().map(({ id }) => Number(id))
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
})

test('a client that asks for no place, or for a strange one, gets what is new from now on', async () => {
  await keep('以前')
  await expect.poll(async () => (await database.query('select from outbox')).rows.length, soon).toBe(0)
  const streams = [await open(), await open({ 'last-event-id': 'strange' })]
  const id = await keep('以后')
  for (const stream of streams) {
    await expect.poll(() => stream.events().length, soon).toBe(1)
    expect(stream.events()[0]?.['data']).toContain(id)
  }
})

test('more clients than there may be are told to come again, and a place is free when one leaves', async () => {
  const streams = [await open(), await open(), await open()]
  expect((await open()).status).toBe(503)
  streams[0]?.close()
  await expect.poll(async () => (await open()).status, soon).toBe(200)
})

test('a stop ends the streams', async () => {
  const stream = await open()
  await newsfold.stop()
  await expect.poll(stream.isOver, soon).toBe(true)
  newsfold = await aNewsfold(database, { allowPrivateHosts: [] })
})

test('the front page listens, and an old browser still shows what is there', async () => {
  const page = await (await fetch(`${newsfold.server.url}/`)).text()
  expect(page).toContain('<script src="/new-stories.js" defer></script>')
  expect((await fetch(`${newsfold.server.url}/new-stories.js`)).headers.get('content-type')).toContain('javascript')
})
