import { createRedisBackend, Queue } from 'bullmq'
import type { Logger } from 'pino'
import { rateLimited } from '../runtime/logger.ts'
import { deliveryQueueName, queueName } from './jobs.ts'
import { keyPrefix, type QueueStore } from './queue-store.ts'
import { storeAnswers } from './store-answers.ts'
import { connectRedis, postgresBackend, postgresConnection } from './store-connection.ts'

/** Tools take a queue as it is typed without its backend. */
const isQueue = (value: unknown): value is Queue => value instanceof Queue
const errorLogIntervalMs = 10_000

/**
 * The queues as BullMQ has them, for tools that know BullMQ; the program itself uses `JobQueue` and `DeliveryQueue`.
 * @returns `close` ends what was opened here, `hear` fails with `queue.unreachable` when the store does not answer in time
 */
export function inspectQueues(store: QueueStore, log: Logger) {
  const { databaseUrl, redisUrl } = store
  const prefix = keyPrefix(store)
  const writeError = rateLimited(errorLogIntervalMs, (reason, suppressed) =>
    log.warn({ reason, suppressed }, 'board.disturbed'),
  )
  const redis = redisUrl === null ? null : connectRedis(redisUrl)
  const answers = storeAnswers(store)
  const queues = [queueName, deliveryQueueName].map((name) => {
    const queue = redis
      ? new Queue(name, { connection: redis, prefix }, createRedisBackend)
      : new Queue(name, { connection: postgresConnection(databaseUrl, 2), prefix }, postgresBackend)
    queue.on('error', (error: Error) => writeError(answers.disturbed(error), new Date()))
    return queue
  })
  return {
    queues: queues.filter(isQueue),
    hear: async (withinMs: number): Promise<void> => {
      await answers.within(Promise.all(queues.map((queue) => queue.isPaused())), withinMs)
    },
    close: async (): Promise<void> => {
      await Promise.all(queues.map((queue) => queue.close()))
      redis?.disconnect()
    },
  }
}
