import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { openEmbeddedServer } from '../../src/archive/embedded/server.ts'
import { isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { until } from './wait.ts'

/** A PostgreSQL that is no part of Newsfold, as operators have one. */
export class PostgresServer {
  readonly #folder: string
  #url = ''

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts it at the port it had before. */
  async start(): Promise<void> {
    this.#url = (await openEmbeddedServer(this.#folder, pino({ level: 'silent' }))).connectionString
  }

  /** @returns the address of a new and empty database */
  async newDatabase(): Promise<string> {
    const name = `chaos_${randomBytes(4).toString('hex')}`
    const client = new Client({ connectionString: this.#url })
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    const url = new URL(this.#url)
    url.pathname = `/${name}`
    return url.href
  }

  /** `SIGKILL`, or `SIGINT` for the shutdown that an operator would order. */
  async stop(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    const file = readPostmasterFile(join(this.#folder, 'postgres', 'data'))
    if (!file || !isAlive(file.pid)) return
    process.kill(file.pid, signal)
    await until(() => !isAlive(file.pid), { withinMs: 10_000 })
  }
}
