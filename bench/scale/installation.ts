import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { openEmbeddedServer } from '../../src/archive/embedded/server.ts'
import { startChild, type Child } from '../chaos/child.ts'
import { endProcessesIn } from '../chaos/folder-processes.ts'
import { useOf, type ProcessUse } from './process-use.ts'

const program = join(fileURLToPath(new URL('../../', import.meta.url)), 'bin', 'newsfold.js')

/** What is measured: the real command with its own PostgreSQL, in a folder of its own. */
export interface Installation {
  readonly database: Database
  readonly port: number
  start(): Child
  /** What the command and its PostgreSQL have used so far. */
  use(child: Child): { readonly node: ProcessUse; readonly postgres: ProcessUse }
  close(): Promise<void>
}

/**
 * @param sources one YAML text a source, by id
 * @param settings environment of the command
 */
export async function install(
  sources: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-bench-'))
  const [data, config] = [join(folder, 'data'), join(folder, 'config')]
  mkdirSync(data)
  mkdirSync(join(config, 'sources'), { recursive: true })
  for (const [id, text] of Object.entries(sources)) writeFileSync(join(config, 'sources', `${id}.yaml`), text)
  writeFileSync(join(config, 'feeds.yaml'), 'feeds:\n  - { id: all, title: All }\n')
  const port = await freePort(null)
  const log = pino({ level: 'silent' })
  // Held through all of it, so that the measurement can ask the archive before and after.
  const server = await openEmbeddedServer(data, log)
  const database = openDatabase(server.connectionString, log, { max: 2 })
  const postmaster = readPostmasterFile(join(data, 'postgres', 'data'))?.pid ?? 0
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('NEWSFOLD_') && name !== 'DATABASE_URL' && name !== 'REDIS_URL',
  )
  const env = {
    ...Object.fromEntries(inherited),
    NEWSFOLD_DATA: data,
    NEWSFOLD_CONFIG: config,
    NEWSFOLD_PORT: String(port),
    NEWSFOLD_LOG_LEVEL: 'warn',
    ...settings,
  }
  return {
    database,
    port,
    start: () => startChild(process.execPath, [program, 'start'], env),
    use: (child) => ({ node: useOf(child.pid), postgres: useOf(postmaster) }),
    close: async () => {
      await database.close()
      await server.stop()
      await endProcessesIn(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
