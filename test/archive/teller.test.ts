import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { createTeller } from '../../src/archive/teller.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

let database: Database

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())

/** Listens to channels. @returns what it was told of, in order */
async function heard(...channels: readonly string[]): Promise<readonly string[]> {
  const client = await database.connect()
  onTestFinished(() => client.release(true))
  const told: string[] = []
  client.on('notification', ({ channel }) => told.push(channel))
  for (const channel of channels) await client.query(`listen ${channel}`)
  return told
}

const change = (from: Database, channel: string) => from.transaction(async (client) => client.tell(channel))

test('what is committed while listeners are being told is told of once more, however much it is', async () => {
  const asked: unknown[] = []
  const answers: (() => void)[] = []
  const teller = createTeller({
    query: async (_text, values) => {
      asked.push(values?.[0])
      await new Promise<void>((resolve) => answers.push(resolve))
      return { rows: [], rowCount: 0, command: '', oid: 0, fields: [] }
    },
  })
  for (let n = 0; n < 100; n++) teller.tell(n % 2 === 0 ? ['a'] : ['a', 'b'])
  expect(asked).toEqual([['a']])
  answers[0]?.()
  await expect.poll(() => asked).toEqual([['a'], ['a', 'b']])
  answers[1]?.()
  await teller.close()
  expect(asked).toHaveLength(2)
})

test('what is committed is told of, what is not is not', async () => {
  const told = await heard('failed', 'committed')
  const failing = database.transaction(async (client) => {
    client.tell('failed')
    await client.query('select nothing from nowhere')
  })
  await expect(failing).rejects.toThrow('nowhere')
  await change(database, 'committed')
  await expect.poll(() => told).toEqual(['committed'])
})

test('what was committed right before the end is told of', async () => {
  const told = await heard('ending')
  const ending = openDatabase(database.connectionString, silent)
  await change(ending, 'ending')
  await change(ending, 'ending')
  await ending.close()
  await expect.poll(() => told).toEqual(['ending', 'ending'])
})
