import { createPostgresBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { lasting } from './lasting-backend.ts'
import { LastingClient } from './lasting-client.ts'
import { nameless } from './nameless-backend.ts'

/** How every queue talks to PostgreSQL. */
export const postgresBackend = lasting(nameless(createPostgresBackend))

/** How every queue reaches PostgreSQL: by a pool of its own, of at most `max` connections, with BullMQ's tables made. */
export function postgresConnection(databaseUrl: string, max: number) {
  return { connectionString: databaseUrl, migrate: true, max, Client: LastingClient }
}

/** How every queue reaches Redis. What is asked while it is away waits; that it is away, the queue itself says. */
export function connectRedis(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
  return redis
}
