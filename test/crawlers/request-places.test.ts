import { setImmediate as settled } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createRequestPlaces, type Leave, type Patience } from '../../src/crawlers/request-places.ts'

const never = new AbortController().signal
const patient: Patience = { withinMs: 60_000, signal: never }

const leaves: Leave[] = []
afterEach(() => {
  for (const leave of leaves.splice(0)) leave()
})

/** Asks for places one after the other and keeps an account of who has one, in the order of getting it. */
function anAccount() {
  const places = createRequestPlaces(2)
  const inside: string[] = []
  const left = new Map<string, Leave>()
  const keep = (name: string, leave: Leave | null): boolean => {
    if (!leave) return false
    inside.push(name)
    left.set(name, leave)
    leaves.push(leave)
    return true
  }
  const atHost = async (name: string, most: number, patience = patient, host = 'a.example') =>
    keep(name, await places.atHost(host, most, patience))
  const ofAll = async (name: string) => keep(name, await places.ofAll(patient))
  const leave = async (name: string) => {
    left.get(name)?.()
    inside.splice(inside.indexOf(name), 1)
    await settled()
    return [...inside]
  }
  return { places, inside, atHost, ofAll, leave }
}

test('a host has as many places as who asks allows, and who waits is let in in the order of asking', async () => {
  const { inside, atHost, leave } = anAccount()
  for (const name of ['1', '2', '3', '4']) void atHost(name, 2)
  void atHost('elsewhere', 1, patient, 'b.example')
  await settled()
  expect(inside).toEqual(['1', '2', 'elsewhere'])
  expect(await leave('2')).toEqual(['1', 'elsewhere', '3'])
  expect(await leave('1')).toEqual(['elsewhere', '3', '4'])
})

test('of those who ask for one host the smallest number holds, and none of them is passed by', async () => {
  const { inside, atHost, leave } = anAccount()
  for (const [name, most] of [
    ['wide', 3],
    ['narrow', 1],
    ['wide too', 3],
    ['wide as well', 3],
  ] as const) {
    void atHost(name, most)
  }
  await settled()
  expect(inside).toEqual(['wide'])
  expect(await leave('wide')).toEqual(['narrow'])
  expect(await leave('narrow')).toEqual(['wide too', 'wide as well'])
})

test('who waits for too long, or is stopped, gets no place and keeps none from those behind', async () => {
  const { inside, atHost } = anAccount()
  const stop = new AbortController()
  await atHost('first', 3)
  const late = atHost('late', 1, { withinMs: 1, signal: never })
  void atHost('behind', 3)
  expect(await late).toBe(false)
  await settled()
  expect(inside).toEqual(['first', 'behind'])
  const stopped = atHost('stopped', 1, { withinMs: 60_000, signal: stop.signal })
  void atHost('last', 3)
  stop.abort(new Error('stop'))
  await expect(stopped).rejects.toThrow('stop')
  await settled()
  expect(inside).toEqual(['first', 'behind', 'last'])
  await expect(atHost('stopped before', 9, { withinMs: 1, signal: stop.signal })).rejects.toThrow('stop')
})

test('a place that is given back twice is given back once', async () => {
  const { places, inside, ofAll } = anAccount()
  const leave = await places.ofAll(patient)
  for (const name of ['1', '2', '3']) void ofAll(name)
  leave?.()
  leave?.()
  await settled()
  expect(inside).toEqual(['1', '2'])
})

test('nobody takes one of all places without waiting while others wait for one', async () => {
  const { places, inside, ofAll, leave } = anAccount()
  const free = places.tryOfAll()
  expect(free).not.toBeNull()
  for (const name of ['1', '2']) void ofAll(name)
  await settled()
  expect(inside).toEqual(['1'])
  expect(places.tryOfAll()).toBeNull()
  free?.()
  await settled()
  expect(await leave('1')).toEqual(['2'])
  places.tryOfAll()?.()
  expect(places.tryOfAll()).not.toBeNull()
})
