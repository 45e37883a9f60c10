/** Where queues are, and whose they are. */
export interface QueueStore {
  readonly databaseUrl: string
  readonly redisUrl: string | null
  /** The archive's own name, which tells its queues from those of other archives on the same Redis. */
  readonly installation?: string
}

/** How the names of all keys in Redis begin. On PostgreSQL it is not used: each archive has tables of its own. */
export const keyPrefix = ({ installation }: QueueStore): string =>
  installation === undefined ? 'newsfold' : `newsfold-${installation}`
