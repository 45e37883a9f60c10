import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from './child.ts'
import type { FeedWatch } from './feed-watch.ts'
import type { Figures } from './figures.ts'
import { serving, startNewsfold, type NewsfoldSetUp } from './newsfold.ts'
import { until } from './wait.ts'

export type Role = 'all' | 'worker-1' | 'worker-2' | 'server'

const commands = { all: 'start', 'worker-1': 'work', 'worker-2': 'work', server: 'serve' } as const

/** Later than this it hangs. */
const stopLimitMs = 15_000

function isUp(child: Child): boolean {
  return child.hasEnded() || /^(Stories|Crawling) /m.test(child.lastWords())
}

/** Newsfold's processes on one data folder: one for all, or two workers and a server. */
export class Fleet {
  readonly #setUp: NewsfoldSetUp
  readonly #feed: FeedWatch
  readonly #figures: Figures
  readonly #roles: readonly Role[]
  readonly #running = new Map<Role, Child>()
  #isServing = false
  #isDisturbed = false
  #isFirstStart = false

  constructor(setUp: NewsfoldSetUp, feed: FeedWatch, figures: Figures, isApart: boolean) {
    this.#setUp = setUp
    this.#feed = feed
    this.#figures = figures
    this.#roles = isApart ? ['server', 'worker-1', 'worker-2'] : ['all']
  }

  /** Starts what does not run. Who ended without being killed is a fault. */
  async start(): Promise<void> {
    const isNew = !existsSync(join(this.#setUp.dataFolder, 'postgres', 'data'))
    for (const role of this.#roles) {
      const child = this.#running.get(role)
      if (child && !child.hasEnded()) continue
      if (child) this.#noteEnd(role, child)
      this.#running.set(role, startNewsfold(commands[role], role, this.#setUp))
      if (commands[role] === 'work') continue
      this.#goDown()
      this.#isFirstStart = isNew
    }
  }

  #noteEnd(role: Role, child: Child): void {
    this.#feed.down()
    const words = child.lastWords().trim().split('\n').slice(-12).join('\n        ')
    this.#figures.fail(
      'ownEnds',
      `"newsfold ${commands[role]}" ended by itself with ${child.exitCode()}:\n        ${words}`,
    )
  }

  /** PostgreSQL or Redis is about to go: a start that is under way is no longer one to measure. */
  disturb(): void {
    this.#isDisturbed ||= !this.#isServing
  }

  /** Waits until the server answers. */
  async serving(): Promise<void> {
    const server = this.#running.get('all') ?? this.#running.get('server')
    if (this.#isServing || !server) return
    const time = await serving(server, this.#setUp.port)
    if (time === null) {
      const words = server.lastWords().trim().split('\n').slice(-12).join('\n        ')
      this.#figures.fail('slowStarts', `no answer at all; its last words:\n        ${words}`)
      return
    }
    this.#figures.started(time, this.#isDisturbed ? 'disturbed' : this.#isFirstStart ? 'first' : 'restart')
    this.#isServing = true
    this.#feed.up()
  }

  /** Stops what runs as a user would, and starts it again without waiting for it. */
  async restart(): Promise<void> {
    await this.#allStarted()
    await this.stop()
    await this.start()
  }

  /** Waits until every process says what it does, which it does last. */
  async #allStarted(): Promise<void> {
    if (this.#running.has('all') || this.#running.has('server')) await this.serving()
    await until(() => [...this.#running.values()].every(isUp), { withinMs: 60_000 })
  }

  /** How often this stands in the logs of all that run. */
  timesSaid(what: string): number {
    return [...this.#running.values()].reduce((sum, child) => sum + child.lastWords().split(what).length - 1, 0)
  }

  signal(role: Role, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running.get(role)?.kill(signal)
  }

  async kill(role: Role): Promise<void> {
    for (const [name, child] of this.#running) {
      if (role !== 'all' && role !== name) continue
      if (commands[name] !== 'work') this.#goDown()
      if (child.hasEnded()) this.#noteEnd(name, child)
      child.kill('SIGKILL')
      await child.ended
      this.#running.delete(name)
    }
  }

  async stop(): Promise<void> {
    this.#goDown()
    const running = [...this.#running]
    this.#running.clear()
    await Promise.all(running.map(([name, child]) => this.#stopOne(name, child)))
  }

  async #stopOne(name: Role, child: Child): Promise<void> {
    if (child.hasEnded()) return this.#noteEnd(name, child)
    const began = performance.now()
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await child.ended
    clearTimeout(timer)
    const tookMs = performance.now() - began
    if (child.exitCode() === 0) this.#figures.stopped(tookMs)
    else this.#figures.fail('badStops', `"newsfold ${commands[name]}" ended with ${child.exitCode()} after SIGTERM`)
  }

  #goDown(): void {
    this.#isServing = false
    this.#isDisturbed = false
    this.#feed.down()
  }
}
