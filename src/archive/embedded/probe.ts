import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { serverUser, type ServerFolder } from './data-folder.ts'
import { isAlive, readPostmasterFile, systemIdentifier } from './postmaster-file.ts'

/** Between two looks: a server that has nothing to recover starts within a tenth of a second. */
export const pollMs = 25

/** With the password of the folder's server. */
export function connectionString(folder: ServerFolder, port: number): string {
  const password = encodeURIComponent(readFileSync(folder.password, 'utf8').trim())
  return `postgresql://${serverUser}:${password}@127.0.0.1:${port}/postgres`
}

/** Connections that only look; they do not count as users of the server. */
export const probeName = 'newsfold-probe'

/** Lends a connection for a moment. @throws what connecting throws, within 2 s */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, application_name: probeName })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The port of a server that answers on this data folder with its password; `null` when none does. */
export async function livePort(folder: ServerFolder): Promise<number | null> {
  const file = readPostmasterFile(folder.data)
  if (!file) return null
  try {
    const identifier = await withClient(connectionString(folder, file.port), async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'select system_identifier::text as id from pg_control_system()',
      )
      return rows[0]?.id
    })
    return identifier === systemIdentifier(folder.data) ? file.port : null
  } catch {
    return null
  }
}

/** Whether a server is at the port that is still starting up, or shutting down. */
export function isStarting(port: number): Promise<boolean> {
  return withClient(`postgresql://nobody@127.0.0.1:${port}/postgres`, () => Promise.resolve(true)).catch(
    (error: unknown) => error instanceof Error && 'code' in error && error.code === '57P03',
  )
}

/** The server that is starting up, perhaps from a crash, or shutting down; `null`: there is none. */
export async function findUnready({ data }: ServerFolder): Promise<number | null> {
  const file = readPostmasterFile(data)
  return file && isAlive(file.pid) && (await isStarting(file.port)) ? file.pid : null
}
