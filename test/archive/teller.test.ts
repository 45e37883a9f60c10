import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

let database: Database

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())

/** Listens to a channel. @returns how often it was told of */
async function aListener(channel: string): Promise<{ count: () => number; close: () => void }> {
  const client = await database.connect()
  let count = 0
  client.on('notification', () => (count += 1))
  await client.query(`listen ${channel}`)
  return { count: () => count, close: () => client.release(true) }
}

const change = (from: Database, channel: string) => from.transaction(async (client) => client.tell(channel))

test('what is committed in quick succession is told of a few times, the last of it too', async () => {
  const listener = await aListener('crowd')
  await Promise.all(Array.from({ length: 100 }, () => change(database, 'crowd')))
  await expect.poll(listener.count).toBeGreaterThan(0)
  await sleep(200)
  expect(listener.count()).toBeLessThan(10)
  const before = listener.count()
  await change(database, 'crowd')
  await expect.poll(listener.count).toBe(before + 1)
  listener.close()
})

test('what was not committed is not told of', async () => {
  const listener = await aListener('failure')
  const failing = database.transaction(async (client) => {
    client.tell('failure')
    await client.query('select nothing from nowhere')
  })
  await expect(failing).rejects.toThrow('nowhere')
  await change(database, 'failure')
  await expect.poll(listener.count).toBe(1)
  listener.close()
})

test('what was committed right before the end is told of', async () => {
  const listener = await aListener('ending')
  const ending = openDatabase(database.connectionString, silent)
  await change(ending, 'ending')
  await change(ending, 'ending')
  await ending.close()
  await expect.poll(listener.count).toBe(2)
  listener.close()
})
