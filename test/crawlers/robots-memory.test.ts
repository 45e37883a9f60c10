import { expect, test } from 'vitest'
import { createMemoryRobots, type RobotsStore } from '../../src/crawlers/robots.ts'
import { rememberRobots } from '../../src/crawlers/robots-memory.ts'

const entry = (text: string, expiresAt: string) => ({ text, reason: 'status 200', expiresAt: new Date(expiresAt) })

/** A store that says how often it was asked. */
function aStore(): RobotsStore & { asked: string[] } {
  const inner = createMemoryRobots()
  const asked: string[] = []
  const find = (origin: string) => {
    asked.push(origin)
    return inner.find(origin)
  }
  return { ...inner, find, asked }
}

test('a file is asked of the store once until it expires, then again', async () => {
  const store = aStore()
  let now = new Date('2026-11-23T10:00:00Z')
  const robots = rememberRobots(store, () => now)
  await store.save('http://a.example', entry('old', '2026-11-23T16:00:00Z'))
  for (let n = 0; n < 3; n++) expect((await robots.find('http://a.example'))?.text).toBe('old')
  expect(store.asked).toHaveLength(1)
  // Another process has asked meanwhile.
  await store.save('http://a.example', entry('new', '2026-11-23T23:00:00Z'))
  now = new Date('2026-11-23T16:00:01Z')
  expect((await robots.find('http://a.example'))?.text).toBe('new')
  expect(store.asked).toHaveLength(2)
})

test('what was kept is known at once and is in the store, and what is unknown is asked each time', async () => {
  const store = aStore()
  const robots = rememberRobots(store, () => new Date('2026-11-23T10:00:00Z'))
  expect(await robots.find('http://b.example')).toBeNull()
  await robots.save('http://b.example', entry('kept', '2026-11-23T16:00:00Z'))
  expect((await robots.find('http://b.example'))?.text).toBe('kept')
  expect(store.asked).toEqual(['http://b.example'])
  expect((await store.find('http://b.example'))?.text).toBe('kept')
})

test('what was kept before the clock was set back is asked of the store', async () => {
  const store = aStore()
  let now = new Date('2026-11-24T10:00:00Z')
  const robots = rememberRobots(store, () => now)
  await robots.save('http://a.example', entry('old', '2026-11-24T16:00:00Z'))
  now = new Date('2026-11-23T10:00:00Z')
  // Another process has asked meanwhile.
  await store.save('http://a.example', entry('new', '2026-11-23T16:00:00Z'))
  expect((await robots.find('http://a.example'))?.text).toBe('new')
})

test('the oldest go when there is no more room', async () => {
  const store = aStore()
  const robots = rememberRobots(store, () => new Date('2026-11-23T10:00:00Z'), 250)
  for (const name of ['a', 'b', 'c']) {
    await robots.save(`http://${name}.example`, entry('x'.repeat(100), '2026-11-23T16:00:00Z'))
  }
  await robots.find('http://c.example')
  expect(store.asked).toEqual([])
  expect((await robots.find('http://a.example'))?.text).toHaveLength(100)
  expect(store.asked).toEqual(['http://a.example'])
})
