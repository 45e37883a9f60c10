import { expect, test } from 'vitest'
import { gather } from '../../src/push/gather.ts'

test('questions that come while one is under way are put together, each with its own answer', async () => {
  const asked: (readonly number[])[] = []
  const double = gather(async (numbers: readonly number[]) => {
    asked.push(numbers)
    await Promise.resolve()
    return numbers.map((number) => number * 2)
  })
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6])
  expect(asked).toEqual([[1], [2, 3]])
})

test('a failure is told to those whose questions failed, and the next ones are put', async () => {
  const ask = gather((ids: readonly string[]) =>
    ids.includes('bad') ? Promise.reject(new Error('away')) : Promise.resolve(ids),
  )
  const answers = await Promise.allSettled(['a', 'bad', 'b'].map(ask))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(await ask('c')).toBe('c')
})
