import {
  createRedisBackend,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobProgress,
} from 'bullmq'
import type { Logger } from 'pino'
import { rateLimited } from '../runtime/logger.ts'
import { countJobs, type Countable, type JobCounts } from './count-jobs.ts'
import type { RunningWorker } from './job-queue.ts'
import { deliveryQueueName, deliverSchema, jobs, type DeliverData } from './jobs.ts'
import { keepWorking } from './keep-working.ts'
import { keyPrefix, type QueueStore } from './queue-store.ts'
import { storeAnswers, type StoreAnswers } from './store-answers.ts'
import { connectRedis, postgresBackend, postgresConnection } from './store-connection.ts'

/** What is asked of it by those who steer it and look at it. */
export interface DeliveryJobs {
  counts(): Promise<JobCounts>
  isPaused(): Promise<boolean>
  /** Starts no more deliveries, in all processes; what is due stays so. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/**
 * The queue of deliveries, beside that of crawls so that a delivery never waits for a crawl to end. What is due stands
 * in the archive, and a job tries it once: the queue may lose everything.
 */
export interface DeliveryQueue extends DeliveryJobs {
  readonly backend: 'postgres' | 'redis'
  /** Adds jobs; none that is waiting or under way already. */
  add(all: readonly DeliverData[]): Promise<void>
  work(process: (data: DeliverData) => Promise<void>, concurrency: number): RunningWorker
  /** The same for those who cannot wait: each question fails with `queue.unreachable` when it has no answer in this time. */
  within(ms: number): DeliveryJobs
  /** Removes every job that waits. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** A cut connection gives thousands of errors a second. */
const errorLogIntervalMs = 10_000
/** As of crawls: what a dead worker had is sent by another one within lockDurationMs + 2 × stalledIntervalMs. */
const lockDurationMs = 6000
const stalledIntervalMs = 2000
/** A job whose worker dies each time is made again from the archive. */
const maxStalledCount = 5

/** Holds no ":" and is no whole number, as BullMQ asks. */
const jobId = ({ kind, id, version }: DeliverData): string => `${kind}-${id}-${version}`

function openOn<B extends IQueueBackend, C>(
  name: 'postgres' | 'redis',
  factory: BackendFactory<B, C>,
  connection: NonNullable<C>,
  prefix: string,
  answers: StoreAnswers,
  log: Logger,
  closeConnection: () => void,
): DeliveryQueue {
  const write = rateLimited(errorLogIntervalMs, (message, suppressed) =>
    log.warn({ backend: name, reason: message, suppressed }, 'deliveries.disturbed'),
  )
  const onError = (error: Error): void => write(answers.disturbed(error), new Date())
  const queue = new Queue<DeliverData, null, string, DeliverData, null, string, B, C>(
    deliveryQueueName,
    { connection, prefix, defaultJobOptions: jobs.deliver.options },
    factory,
  )
  queue.on('error', onError)
  return {
    backend: name,
    add: async (all) => {
      await queue.addBulk(all.map((data) => ({ name: 'deliver', data, opts: { jobId: jobId(data) } })))
    },
    work: (process, concurrency) => {
      const handle = async (job: Job<DeliverData>): Promise<null> => {
        await process(deliverSchema.parse(job.data))
        return null
      }
      const create = () =>
        new Worker<DeliverData, null, string, B, JobProgress, C>(
          deliveryQueueName,
          handle,
          {
            connection,
            prefix,
            concurrency,
            autorun: false,
            lockDuration: lockDurationMs,
            stalledInterval: stalledIntervalMs,
            maxStalledCount,
            drainDelay: 1,
          },
          factory,
        )
      return keepWorking(create, onError)
    },
    ...deliveryJobs(queue, (answer) => answer),
    within: (ms) => deliveryJobs(queue, (answer) => answers.within(answer, ms)),
    empty: () => queue.drain(true),
    close: async () => {
      await queue.close()
      closeConnection()
    },
  }
}

/** @param ask how long an answer is waited for */
function deliveryJobs(
  queue: Countable & Pick<DeliveryJobs, 'isPaused' | 'pause' | 'resume'>,
  ask: <T>(answer: Promise<T>) => Promise<T>,
): DeliveryJobs {
  return {
    counts: () => ask(countJobs(queue)),
    isPaused: () => ask(queue.isPaused()),
    pause: () => ask(queue.pause()),
    resume: () => ask(queue.resume()),
  }
}

/** Opens the queue of deliveries, on Redis when there is one, else on the archive's PostgreSQL. */
export function openDeliveryQueue(to: QueueStore, log: Logger): DeliveryQueue {
  const [prefix, answers] = [keyPrefix(to), storeAnswers(to)]
  if (to.redisUrl) {
    const redis = connectRedis(to.redisUrl)
    return openOn('redis', createRedisBackend, redis, prefix, answers, log, () => redis.disconnect())
  }
  const connection = postgresConnection(to.databaseUrl, 4)
  return openOn('postgres', postgresBackend, connection, prefix, answers, log, () => undefined)
}
