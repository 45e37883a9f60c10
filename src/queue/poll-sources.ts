import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import type { SourceLeases } from '../archive/source-lease.ts'
import { findDueSources, settleTicks, type DueSource, type SettledTick } from '../archive/source-schedules.ts'
import type { SchedulePauses } from '../archive/schedule-pauses.ts'
import { describeError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import { rateLimited } from '../runtime/logger.ts'
import type { CrawlService } from './crawl-service.ts'
import { tickJobId, type JobQueue } from './job-queue.ts'
import type { KeptWorker } from './keep-working.ts'
import { nextTick } from './schedules.ts'
import { fateOf } from './tick-gate.ts'

/** Hosts that do not answer hold a place each for half a minute. */
const mostPolls = 64
/** A tick may be this much late, so that many are taken, and settled, by one statement. */
const lookEachMs = 500
const gatherMs = 100
/** What could not be dealt with is left alone for so long. */
const passOverMs = 5000
/** Somebody reads a source for longer than this: the tick was his. */
const busyForMs = 60_000
const errorLogIntervalMs = 10_000

export interface PollOptions {
  readonly database: Database
  readonly leases: SourceLeases
  readonly queue: Pick<JobQueue, 'addTick' | 'isPaused'>
  readonly service: Pick<CrawlService, 'poll' | 'concludePoll'>
  readonly findSource: (id: string) => Promise<Source | null>
  readonly pauses: () => Promise<SchedulePauses>
  /** Told how late each tick is taken, in milliseconds. */
  readonly onTick: (lateMs: number) => void
  readonly log: Logger
}

/** A tick that was dealt with. */
interface Dealt {
  readonly source: Source
  readonly due: DueSource
  readonly tick: SettledTick
}

/**
 * Takes sources whose schedules are due, asks whether their listings have changed, and gives those that have to the
 * queue. What is settled is settled together; of a process that dies the server gives the rest to others.
 */
export function pollSources(options: PollOptions): KeptWorker {
  const poller = new SourcePoller(options)
  const running = poller.run()
  return {
    pause: () => poller.hold(true),
    resume: () => poller.hold(false),
    stop: async () => {
      poller.abort()
      await running
    },
  }
}

class SourcePoller {
  readonly #options: PollOptions
  readonly #stop = new AbortController()
  readonly #underWay = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>()
  /** Until when, by `performance.now()`. */
  readonly #passedOver = new Map<string, number>()
  readonly #warn: (reason: string, at: Date) => void
  #dealt: Dealt[] = []
  #settling: Promise<void> | null = null
  #isHeld = false

  constructor(options: PollOptions) {
    this.#options = options
    this.#warn = rateLimited(errorLogIntervalMs, (reason, suppressed) =>
      options.log.warn({ reason, suppressed }, 'polls.disturbed'),
    )
  }

  #say(error: unknown): void {
    this.#warn(describeError(error), new Date())
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
  }

  abort(): void {
    this.#stop.abort()
    for (const { abort } of this.#underWay.values()) abort.abort()
  }

  async run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const isMore = await this.#look().catch((error: unknown) => {
        this.#say(error)
        return false
      })
      if (!isMore) await sleep(lookEachMs, undefined, { signal }).catch(() => undefined)
    }
    await Promise.all([...this.#underWay.values()].map(({ done }) => done))
    await this.#settling
  }

  /** @returns whether more may be due */
  async #look(): Promise<boolean> {
    const limit = mostPolls - this.#underWay.size
    if (this.#isHeld || limit <= 0 || (await this.#options.queue.isPaused())) return false
    const { database, leases } = this.#options
    const now = new Date()
    const onLost = (id: string) => this.#underWay.get(id)?.abort.abort()
    const { taken, busy } = await leases.takeDue({ now, limit, except: this.#exceptions(), onLost })
    try {
      // Read when they are ours: until then somebody else may have dealt with them.
      const due = taken.length > 0 ? await findDueSources(database, taken, now) : []
      const ids = new Set(due.map(({ sourceId }) => sourceId))
      const gone = taken.filter((id) => !ids.has(id))
      if (gone.length > 0) await leases.giveBack(gone)
      for (const each of due) this.#begin(each, now)
    } catch (error) {
      await leases.giveBack(taken)
      throw error
    }
    await this.#leaveToOthers(busy, now)
    return taken.length === limit
  }

  #exceptions(): string[] {
    const now = performance.now()
    for (const [id, until] of this.#passedOver) if (until <= now) this.#passedOver.delete(id)
    return [...this.#underWay.keys(), ...this.#passedOver.keys()]
  }

  #passOver(id: string): void {
    this.#passedOver.set(id, performance.now() + passOverMs)
  }

  /** A long crawl that somebody asked for takes the place of the ticks in it. */
  async #leaveToOthers(busy: readonly string[], now: Date): Promise<void> {
    for (const id of busy) this.#passOver(id)
    if (busy.length === 0) return
    const late = await findDueSources(this.#options.database, busy, new Date(now.getTime() - busyForMs))
    const ticks = late.map((due) => tickOf(due, { nextAt: nextTick(due, now) }))
    if (ticks.length > 0) await settleTicks(this.#options.database, ticks)
  }

  #begin(due: DueSource, now: Date): void {
    const abort = new AbortController()
    this.#options.onTick(now.getTime() - due.nextAt.getTime())
    const done = this.#deal(due, now, abort.signal).then(
      (dealt) => (dealt ? this.#settle(dealt) : this.#drop(due.sourceId)),
      (error: unknown) => {
        this.#say(error)
        return this.#drop(due.sourceId)
      },
    )
    this.#underWay.set(due.sourceId, { abort, done })
  }

  /** @returns `null`: the tick stays due */
  async #deal(due: DueSource, now: Date, signal: AbortSignal): Promise<Dealt | null> {
    const { service, findSource, pauses } = this.#options
    const source = await findSource(due.sourceId)
    // Its schedule will go; or the file has not come to this process yet.
    if (!source?.enabled) return null
    const fate = fateOf(source, await pauses(), now)
    const nextAt = fate.kind === 'quiet' ? fate.until : nextTick(due, now)
    if (fate.kind !== 'crawl') return { source, due, tick: tickOf(due, { nextAt }) }
    if (due.hasDuePages) return { source, due, tick: tickOf(due, { nextAt, isJob: true }) }
    const poll = await service.poll(source, due, signal)
    if (poll.kind === 'stopped') return null
    const isJob = poll.kind === 'changed'
    return { source, due, tick: tickOf(due, { nextAt, isJob, run: poll.kind === 'unchanged' ? poll.run : null }) }
  }

  async #drop(id: string): Promise<void> {
    this.#passOver(id)
    await this.#options.leases.giveBack([id])
    this.#underWay.delete(id)
  }

  #settle(dealt: Dealt): Promise<void> {
    this.#dealt.push(dealt)
    this.#settling ??= sleep(this.#stop.signal.aborted ? 0 : gatherMs).then(() => this.#settleAll())
    return this.#settling
  }

  async #settleAll(): Promise<void> {
    const dealt = this.#dealt
    this.#dealt = []
    this.#settling = null
    const { database, leases, queue, service } = this.#options
    const ids = dealt.map(({ due }) => due.sourceId)
    try {
      await settleTicks(
        database,
        dealt.map(({ tick }) => tick),
      )
      // Before its job is there, which takes the lease. A process that dies in between leaves a job that is nowhere:
      // that is looked for.
      await leases.giveBack(ids)
      for (const { due, tick } of dealt) if (tick.jobId !== null) await queue.addTick(due.sourceId, due.nextAt)
      for (const { source, due, tick } of dealt) {
        if (tick.run) await service.concludePoll(source, due, tick.run).catch((error: unknown) => this.#say(error))
      }
    } catch (error) {
      this.#say(error)
      for (const id of ids) this.#passOver(id)
      await leases.giveBack(ids)
    }
    for (const id of ids) this.#underWay.delete(id)
  }
}

function tickOf(
  { sourceId, nextAt: dueAt }: DueSource,
  { nextAt, isJob = false, run = null }: { nextAt: Date; isJob?: boolean; run?: SettledTick['run'] },
): SettledTick {
  return { sourceId, dueAt, nextAt, jobId: isJob ? tickJobId(sourceId, dueAt) : null, run }
}
