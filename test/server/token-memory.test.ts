import { once } from 'node:events'
import { expect, test } from 'vitest'
import { rememberTokens } from '../../src/server/token-memory.ts'

const hour = 3_600_000
const away = () => Promise.reject<string | null>(new Error('the database is away'))
const silence = () => new Promise<string | null>(() => undefined)

/** A memory of what an archive says that changes, on a clock that is set by hand. */
function aMemory(first: () => Promise<string | null> = () => Promise.resolve('board')) {
  const archive = { says: first, asked: 0, now: 0 }
  const find = rememberTokens(
    () => {
      archive.asked++
      return archive.says()
    },
    () => archive.now,
  )
  return { archive, find }
}

test('a token that was good goes on opening its feed while the archive fails or is silent, for half a day', async () => {
  const { archive, find } = aMemory()
  expect(await find('hash')).toBe('board')
  archive.says = away
  archive.now = 11 * hour
  expect(await find('hash')).toBe('board')
  archive.now = 13 * hour
  await expect(find('hash')).rejects.toThrow('away')
  archive.says = () => Promise.resolve('board')
  expect(await find('hash')).toBe('board')
  archive.says = silence
  expect(await find('hash')).toBe('board')
})

test('a token that nobody has seen opens nothing while the archive is away', async () => {
  const { find } = aMemory(away)
  await expect(find('hash')).rejects.toThrow('away')
})

test('a token that is revoked is closed by the next answer, and stays so while the archive is away', async () => {
  const { archive, find } = aMemory()
  await find('hash')
  archive.says = () => Promise.resolve(null)
  expect(await find('hash')).toBeNull()
  archive.says = away
  await expect(find('hash')).rejects.toThrow('away')
})

test('an answer that comes too late for one reader counts for the next', async () => {
  const { archive, find } = aMemory()
  await find('hash')
  const answer = new AbortController()
  archive.says = async () => {
    await once(answer.signal, 'abort')
    return null
  }
  expect(await find('hash')).toBe('board')
  answer.abort()
  archive.says = away
  await new Promise(setImmediate)
  await expect(find('hash')).rejects.toThrow('away')
})

test('readers of one token ask an archive that is silent once, however many they are', async () => {
  const { archive, find } = aMemory()
  await find('hash')
  archive.says = silence
  expect(await Promise.all(Array.from({ length: 20 }, () => find('hash')))).toEqual(Array(20).fill('board'))
  expect(archive.asked).toBe(2)
})

test('ten thousand tokens are remembered, and those that were not used for longest are forgotten', async () => {
  const { archive, find } = aMemory()
  for (let number = 0; number <= 10_000; number++) await find(String(number))
  archive.says = away
  expect(await find('1')).toBe('board')
  await expect(find('0')).rejects.toThrow('away')
})
