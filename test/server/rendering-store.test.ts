import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRenderingStore, type Publication } from '../../src/server/rendering-store.ts'
import type { Draft, Rendering } from '../../src/server/rendering.ts'
import { silent } from '../silent.ts'

/** A publication that shows what `body` says at the time, and counts how often it was asked. */
function aPublication(body: () => string | Promise<string>, over: Partial<Draft & Publication> = {}) {
  const state = { renderings: 0 }
  const publication: Publication = {
    address: over.address ?? '/feeds/all.rss',
    isPinned: over.isPinned ?? true,
    render: async () => {
      state.renderings++
      const lastModified = over.lastModified ?? null
      return {
        body: await body(),
        contentType: 'text/plain',
        lastModified,
        maxAgeSeconds: 60,
        freshForMs: over.freshForMs ?? null,
      }
    },
  }
  return { publication, state }
}

const textOf = (rendering: Rendering | null) => rendering?.encoded.get('identity')?.body.toString()

const address = (number: number) => `/feeds/search.rss?q=${number}`

test('bytes are rendered once for each change, however many ask at once', async () => {
  const store = createRenderingStore(silent, () => 0)
  const { publication, state } = aPublication(() => 'same')
  await Promise.all(Array.from({ length: 20 }, () => store.get(publication)))
  await store.get(publication)
  expect(state.renderings).toBe(1)
  store.invalidate()
  expect(store.current(publication.address)).toBeNull()
  await store.get(publication)
  expect(state.renderings).toBe(2)
  expect(textOf(store.current(publication.address))).toBe('same')
})

test('the last good bytes stay while rendering fails, and new ones come when it works again', async () => {
  let now = 0
  let body: string | null = 'good'
  const store = createRenderingStore(silent, () => now)
  const { publication, state } = aPublication(() => body ?? Promise.reject(new Error('the database is away')))
  await store.get(publication)
  body = null
  store.invalidate()
  expect(textOf(await store.get(publication))).toBe('good')
  // Not tried again by each of the readers that come meanwhile.
  expect(textOf(await store.get(publication))).toBe('good')
  expect(state.renderings).toBe(2)
  body = 'better'
  now = 60_000
  expect(textOf(await store.get(publication))).toBe('better')
})

test('a rendering that takes long does not keep readers from the last good bytes', async () => {
  let isSlow = false
  const store = createRenderingStore(silent, () => performance.now())
  const { publication } = aPublication(async () => {
    if (isSlow) await sleep(10_000, undefined, { ref: false })
    return isSlow ? 'new' : 'old'
  })
  await store.get(publication)
  isSlow = true
  store.invalidate()
  expect(textOf(await store.get(publication))).toBe('old')
})

test('a failure without earlier bytes is told, and forgotten', async () => {
  let isBroken = true
  const store = createRenderingStore(silent, () => 0)
  const { publication } = aPublication(() => (isBroken ? Promise.reject(new Error('away')) : 'there'))
  await expect(store.get(publication)).rejects.toThrow('away')
  isBroken = false
  expect(textOf(await store.get(publication))).toBe('there')
})

test('what depends on the hour is rendered anew when the hour is over', async () => {
  let now = 1000
  const store = createRenderingStore(silent, () => now)
  const { publication, state } = aPublication(() => 'aged', { freshForMs: 1000 })
  await store.get(publication)
  expect(store.current(publication.address)).not.toBeNull()
  now = 2000
  expect(store.current(publication.address)).toBeNull()
  await store.get(publication)
  expect(state.renderings).toBe(2)
})

test('equal bytes keep their time, and other ones of the same second get a later one', async () => {
  let body = 'one'
  const store = createRenderingStore(silent, () => 0)
  const { publication } = aPublication(() => body, { lastModified: new Date('2019-11-01T00:00:00.700Z') })
  const first = await store.get(publication)
  expect(first?.lastModified?.toISOString()).toBe('2019-11-01T00:00:00.000Z')
  store.invalidate()
  const same = await store.get(publication)
  expect([same?.etags, same?.lastModified]).toEqual([first?.etags, first?.lastModified])
  body = 'two'
  store.invalidate()
  const other = await store.get(publication)
  expect(other?.lastModified?.toISOString()).toBe('2019-11-01T00:00:01.000Z')
})

test('searches are kept within bounds, the configured feeds for ever', async () => {
  const store = createRenderingStore(silent, () => 0)
  const pinned = aPublication(() => 'pinned').publication
  await store.get(pinned)
  const large = 'x'.repeat(2 ** 20)
  for (let number = 0; number < 80; number++) {
    await store.get(aPublication(() => large, { address: address(number), isPinned: false }).publication)
  }
  expect(store.current(address(79))).not.toBeNull()
  expect(store.current(address(0))).toBeNull()
  const kept = Array.from({ length: 80 }, (_, number) => store.current(address(number))).filter((kept) => kept !== null)
  expect(kept.length).toBeGreaterThan(40)
  expect(kept.length).toBeLessThanOrEqual(64)
  expect(store.current(pinned.address)).not.toBeNull()
})
