import { expect, test } from 'vitest'
import { createAheadRenderer, type AheadRenderer } from '../../src/server/render-ahead.ts'
import { createRenderingStore, type Publication, type RenderingStore } from '../../src/server/rendering-store.ts'
import { silent } from '../silent.ts'

const soon = { timeout: 20_000, interval: 5 }

const has = (store: RenderingStore, address: string): boolean => store.sizeOf(address) > 0

/** A store with what renders into it. */
function aRenderer(mostBytes = 2 ** 20): { store: RenderingStore; ahead: AheadRenderer } {
  const store = createRenderingStore(silent, () => performance.now())
  return { store, ahead: createAheadRenderer(store, silent, { beginAfterMs: 0, againMs: 1, mostBytes }) }
}

function aPublication(address: string, render: () => Promise<void> | void = () => undefined): Publication {
  return {
    address,
    isPinned: true,
    render: async () => {
      await render()
      return { body: address, contentType: 'text/plain', lastModified: null, maxAgeSeconds: 60 }
    },
  }
}

const addresses = Array.from({ length: 20 }, (_, number) => `/feeds/f${number}.rss`)

test('feeds that nobody has asked for are rendered, one after the other', async () => {
  const { store, ahead } = aRenderer()
  let [underWay, most] = [0, 0]
  const render = async () => {
    most = Math.max(most, ++underWay)
    await new Promise(setImmediate)
    underWay--
  }
  ahead.begin(addresses.map((address) => aPublication(address, render)))
  await expect.poll(() => addresses.every((address) => store.current(address)), soon).toBe(true)
  expect(most).toBe(1)
})

test('a feed that fails keeps no other one waiting, and is rendered when it can be', async () => {
  const { store, ahead } = aRenderer()
  let isBroken = true
  const broken = aPublication('/broken', () => {
    if (isBroken) throw new Error('the database is away')
  })
  ahead.begin([broken, ...addresses.map((address) => aPublication(address))])
  await expect.poll(() => addresses.every((address) => has(store, address)), soon).toBe(true)
  expect([has(store, '/broken'), ahead.hasFinished()]).toEqual([false, false])
  isBroken = false
  await expect.poll(() => ahead.hasFinished(), soon).toBe(true)
  expect(has(store, '/broken')).toBe(true)
  isBroken = true
  ahead.begin([aPublication('/new', () => Promise.reject(new Error('the database is away again')))])
  expect(ahead.hasFinished()).toBe(true)
  ahead.stop()
})

test('what has no bytes yet is rendered before what is only out of date', async () => {
  const { store, ahead } = aRenderer()
  const order: string[] = []
  const noted = (address: string) => aPublication(address, () => void order.push(address))
  await store.get(noted('/old'))
  store.invalidate()
  order.length = 0
  ahead.begin([noted('/old'), noted('/new')])
  await expect.poll(() => order, soon).toEqual(['/new', '/old'])
})

test('what is begun later takes the place of what was begun before, and a stop ends it', async () => {
  const { store, ahead } = aRenderer()
  ahead.begin(
    ['/first', '/removed'].map((address) => aPublication(address, () => ahead.begin([aPublication('/second')]))),
  )
  await expect.poll(() => has(store, '/second'), soon).toBe(true)
  let rendered = 0
  const counting = () => {
    rendered++
    ahead.stop()
  }
  ahead.begin(['/third', '/fourth'].map((address) => aPublication(address, counting)))
  await expect.poll(() => has(store, '/third'), soon).toBe(true)
  // As long as twenty renderings took above.
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([has(store, '/first'), has(store, '/removed'), rendered]).toEqual([true, false, 1])
})

test('feeds that there is no room for are left to readers, and are not in the way of what is there', async () => {
  const { store, ahead } = aRenderer(1)
  const publications = ['/one', '/two'].map((address) => aPublication(address))
  for (let times = 0; times < 2; times++) {
    store.invalidate()
    ahead.begin(publications)
    await expect.poll(() => store.current('/one') !== null && ahead.hasFinished(), soon).toBe(true)
  }
  expect(has(store, '/two')).toBe(false)
})
