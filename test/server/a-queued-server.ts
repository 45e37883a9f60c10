import type { Database } from '../../src/archive/database.ts'
import type { Source } from '../../src/model/source.ts'
import { openDeliveryQueue, type DeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

/** A server of an archive of its own, with the queues beside it. */
export interface QueuedServer {
  readonly database: Database
  readonly queue: JobQueue
  readonly deliveries: DeliveryQueue
  readonly server: RunningServer
  stop(): Promise<void>
}

/** @param redisUrl `null`: the queues are on PostgreSQL */
export async function aQueuedServer(
  sources: readonly Source[],
  redisUrl: string | null,
  over: Partial<ServerOptions> = {},
): Promise<QueuedServer> {
  const database = await anArchive()
  const store = { databaseUrl: database.connectionString, redisUrl }
  const queue = openJobQueue(store, silent)
  const deliveries = openDeliveryQueue(store, silent)
  await queue.ready()
  const server = await startServer({
    database,
    feeds: [],
    sources,
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    queues: () => ({ queue, deliveries }),
    queueStore: () => Promise.resolve(store),
    log: silent,
    ...over,
  })
  const stop = async (): Promise<void> => {
    await server.stop()
    await deliveries.close()
    await queue.close()
    await database.close()
  }
  return { database, queue, deliveries, server, stop }
}
