import { Redis } from 'ioredis'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { startChild, type Child } from './child.ts'
import { until } from './wait.ts'

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(1000, () => socket.destroy())
    socket.once('data', (data) => {
      resolve(String(data).startsWith('+PONG'))
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

/** A Redis that keeps what it acknowledged, as the manual tells operators to run it. */
export class RedisServer {
  readonly #port: number
  readonly #folder: string
  #child: Child | null = null

  constructor(port: number, folder: string) {
    this.#port = port
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /** @throws {Error} there is no redis-server, or it does not answer */
  async start(): Promise<void> {
    const args = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const child = startChild('redis-server', [...args, '--appendonly', 'yes', '--save', ''], process.env)
    this.#child = child
    const isUp = await until(async () => child.hasEnded() || (await answers(this.#port)), { withinMs: 10_000 })
    if (!isUp || child.hasEnded()) throw new Error(`redis-server did not start: ${child.lastWords().slice(-500)}`)
  }

  /** Removes everything, as an operator's FLUSHALL. */
  empty(): Promise<unknown> {
    return this.#ask((client) => client.flushall())
  }

  /** Whether there is a job of a schedule. */
  hasTick(): Promise<boolean> {
    return this.#ask(async (client) => (await client.keys('*:newsfold:tick-*')).length > 0)
  }

  async #ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(this.url)
    try {
      return await question(client)
    } finally {
      client.disconnect()
    }
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#child?.ended
  }
}
