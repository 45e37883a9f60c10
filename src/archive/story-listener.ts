import { Client } from 'pg'
import type { Logger } from 'pino'
import { storyChannel } from './story-channel.ts'
import type { Database } from './database.ts'

/** What its session is called in the server's own lists. */
export const listenerName = 'newsfold-listener'
const reconnectMs = 1000

/** Calls `onChange` when a story was added or changed by any process; as `listenTo`. */
export function listenForStories(database: Database, log: Logger, onChange: () => void): () => Promise<void> {
  return listenTo(database, [storyChannel], log, onChange)
}

/**
 * Calls `onChange` when any process notifies one of the channels, and once after each (re)connection, since what
 * happened before it was missed.
 * @returns how to stop
 */
export function listenTo(
  database: Database,
  channels: readonly string[],
  log: Logger,
  onChange: () => void,
): () => Promise<void> {
  let client: Client | null = null
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  let connecting: Promise<void> = Promise.resolve()

  const begin = (): void => {
    connecting = connect()
  }
  const again = (): void => {
    client = null
    if (!isStopped) timer = setTimeout(begin, reconnectMs).unref()
  }
  const connect = async (): Promise<void> => {
    const next = new Client({
      connectionString: database.connectionString,
      application_name: listenerName,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    })
    next.on('error', (error) => log.debug({ err: error }, 'listener.connection-lost'))
    next.once('end', again)
    next.on('notification', onChange)
    try {
      await next.connect()
      for (const channel of channels) await next.query(`listen ${channel}`)
      client = next
      onChange()
    } catch (error) {
      log.debug({ err: error }, 'listener.connection-failed')
      await next.end().catch(() => undefined)
    }
  }
  begin()

  return async () => {
    isStopped = true
    if (timer) clearTimeout(timer)
    // One that is under way would stay open behind our back, and keep the embedded server from being stopped.
    await connecting
    await client?.end().catch(() => undefined)
  }
}
