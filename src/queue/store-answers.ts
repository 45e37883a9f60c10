import { setTimeout as sleep } from 'node:timers/promises'
import { describeError, UnreachableError } from '../model/errors.ts'
import { whatToTry } from '../model/store-trouble.ts'
import { withoutPassword } from '../model/without-password.ts'
import type { QueueStore } from './queue-store.ts'

/** Older trouble explains no silence: a store that cannot be reached is tried again within seconds. */
const freshMs = 10_000

/** What a queue's store answers to those who cannot wait for it for ever. */
export interface StoreAnswers {
  /** Remembers what the connection has said last. @returns it in one line */
  disturbed(error: Error): string
  /**
   * An answer that comes in time. What was asked of a Redis that is away is done when it is back, however late that is.
   * @throws {UnreachableError} it did not come, or is that something is wrong
   */
  within<T>(answer: Promise<T>, ms: number): Promise<T>
}

/**
 * Hears from queues before anything is changed: what waits for one that is away is done when it is back, after it was
 * said that it could not be done.
 */
export async function hearFrom(queues: readonly { isPaused(): Promise<boolean> }[]): Promise<void> {
  await Promise.all(queues.map((queue) => queue.isPaused()))
}

const stores = {
  redis: { name: 'Redis', setting: 'REDIS_URL' },
  postgres: { name: 'PostgreSQL', setting: 'DATABASE_URL' },
} as const

export function storeAnswers({ redisUrl, databaseUrl }: QueueStore): StoreAnswers {
  const { name, setting } = stores[redisUrl === null ? 'postgres' : 'redis']
  let last: { readonly says: string; readonly error: unknown; readonly at: number } | null = null
  const unreachable = (happened: string, cause?: unknown): UnreachableError => {
    const address = withoutPassword(redisUrl ?? databaseUrl)
    const says = `The queue's ${name} at ${address} ${happened}. ${whatToTry(setting, cause)}; "newsfold doctor" looks at the rest.`
    return new UnreachableError('queue.unreachable', says, cause)
  }
  const late = (ms: number): UnreachableError => {
    const known = last !== null && performance.now() - last.at < freshMs ? last : null
    const reason = known ? ` (${known.says})` : ''
    return unreachable(`did not answer within ${ms / 1000} s${reason}`, known?.error ?? 'timeout')
  }
  return {
    disturbed: (error) => {
      last = { says: describeError(error), error, at: performance.now() }
      return last.says
    },
    within: async (answer, ms) => {
      const timer = new AbortController()
      const isLate = sleep(ms, null, { signal: timer.signal }).then(() => {
        throw late(ms)
      })
      try {
        return await Promise.race([answer, isLate])
      } catch (error) {
        throw error instanceof UnreachableError ? error : unreachable(`cannot be used: ${describeError(error)}`, error)
      } finally {
        timer.abort()
      }
    },
  }
}
