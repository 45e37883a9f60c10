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
/** What could not be dealt with is left alone for so long; twice as long each time where it may take long to come. */
const passOverMs = 5000
const mostPassOverMs = 60_000
/** Somebody has read a source for longer than this, and than the lease of a process that hangs: the tick was his. */
const busyForMs = 150_000
/** Polls at one host wait for its pace: no longer than this, and without taking the places of others. */
const hostWaitMs = 10_000
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
  /** Default 5 s. */
  readonly passOverMs?: number
}

/** A tick that was dealt with. */
interface Dealt {
  readonly source: Source
  /** What is new takes minutes to read. */
  readonly isLong: boolean
  readonly due: DueSource
  readonly lateMs: number
  readonly tick: SettledTick
}

/** A source that is left alone, by `performance.now()`. */
interface PassedOver {
  readonly until: number
  readonly ms: number
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
  readonly #passedOver = new Map<string, PassedOver>()
  /** Since when somebody is at a source, by `performance.now()`, and when that was last seen. */
  readonly #busy = new Map<string, { readonly since: number; readonly seen: number }>()
  readonly #atHost = new Map<string, number>()
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
      if (this.#stop.signal.aborted) {
        await leases.giveBack([...ids])
        return false
      }
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
    const isOver = ({ until, ms }: PassedOver) => until + ms < now
    for (const [id, passed] of this.#passedOver)
      if (!this.#underWay.has(id) && isOver(passed)) this.#passedOver.delete(id)
    const passed = [...this.#passedOver].filter(([, { until }]) => until > now)
    return [...this.#underWay.keys(), ...passed.map(([id]) => id)]
  }

  /** @param grows where it is for want of something that may take long to come */
  #passOver(id: string, grows: boolean): void {
    const before = grows ? this.#passedOver.get(id) : undefined
    const ms = before ? Math.min(mostPassOverMs, 2 * before.ms) : (this.#options.passOverMs ?? passOverMs)
    this.#passedOver.set(id, { until: performance.now() + ms, ms })
  }

  /** A long crawl that somebody asked for takes the place of the ticks in it. */
  async #leaveToOthers(busy: readonly string[], now: Date): Promise<void> {
    const seen = performance.now()
    for (const [id, each] of this.#busy) if (each.seen < seen - 3 * passOverMs) this.#busy.delete(id)
    for (const id of busy) {
      this.#passOver(id, false)
      this.#busy.set(id, { since: this.#busy.get(id)?.since ?? seen, seen })
    }
    const long = busy.filter((id) => (this.#busy.get(id)?.since ?? seen) < seen - busyForMs)
    if (long.length === 0) return
    const late = await findDueSources(this.#options.database, long, new Date(now.getTime() - busyForMs))
    if (late.length === 0) return
    await settleTicks(
      this.#options.database,
      late.map((due) => tickOf(due, { nextAt: nextTick(due, now) })),
    )
  }

  /** @returns leaves the host's place; `null`: enough others wait there */
  #enterHost({ listings, politeness }: Source): (() => void) | null {
    const { host } = new URL(listings[0]?.url ?? '')
    const count = this.#atHost.get(host) ?? 0
    if (count > 0 && count * politeness.delay >= hostWaitMs) return null
    this.#atHost.set(host, count + 1)
    return () => {
      const left = (this.#atHost.get(host) ?? 1) - 1
      if (left > 0) this.#atHost.set(host, left)
      else this.#atHost.delete(host)
    }
  }

  #begin(due: DueSource, now: Date): void {
    const abort = new AbortController()
    const done = this.#deal(due, now, abort.signal).then(
      (dealt) => (typeof dealt === 'string' ? this.#drop(due.sourceId, dealt === 'unknown') : this.#settle(dealt)),
      (error: unknown) => {
        this.#say(error)
        return this.#drop(due.sourceId, true)
      },
    )
    this.#underWay.set(due.sourceId, { abort, done })
  }

  /** @returns `stopped`, `crowded`, `unknown`: the tick stays due */
  async #deal(due: DueSource, now: Date, signal: AbortSignal): Promise<Dealt | 'stopped' | 'crowded' | 'unknown'> {
    const { service, findSource, pauses } = this.#options
    const source = await findSource(due.sourceId)
    // Its schedule will go; or the file has not come to this process yet.
    if (!source?.enabled) return 'unknown'
    const fate = fateOf(source, await pauses(), now)
    const nextAt = fate.kind === 'quiet' ? fate.until : nextTick(due, now)
    const dealt = { source, due, isLong: isUnread(source, due), lateMs: now.getTime() - due.nextAt.getTime() }
    if (fate.kind !== 'crawl') return { ...dealt, tick: tickOf(due, { nextAt }) }
    if (due.hasDuePages) return { ...dealt, tick: tickOf(due, { nextAt, isJob: true }) }
    const leave = this.#enterHost(source)
    if (!leave) return 'crowded'
    const poll = await service.poll(source, due, signal).finally(leave)
    if (poll.kind === 'stopped' || poll.kind === 'crowded') return poll.kind
    const isJob = poll.kind === 'changed'
    return { ...dealt, tick: tickOf(due, { nextAt, isJob, run: poll.kind === 'unchanged' ? poll.run : null }) }
  }

  async #drop(id: string, grows: boolean): Promise<void> {
    this.#passOver(id, grows)
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
    const { database, leases } = this.#options
    const ids = dealt.map(({ due }) => due.sourceId)
    try {
      const settled = await settleTicks(
        database,
        dealt.map(({ tick }) => tick),
      )
      // Before its job is there, which takes the lease. A process that dies in between leaves a job that is nowhere:
      // that is looked for.
      await leases.giveBack(ids)
      const done = dealt.filter(({ due }) => settled.has(due.sourceId))
      // Jobs first: nobody waits for what is said of others.
      for (const each of done) await this.#addJob(each)
      for (const each of done) await this.#conclude(each)
    } catch (error) {
      this.#say(error)
      for (const id of ids) this.#passOver(id, true)
      await leases.giveBack(ids)
    }
    for (const id of ids) this.#underWay.delete(id)
  }

  async #addJob({ due, tick, lateMs, isLong }: Dealt): Promise<void> {
    this.#options.onTick(lateMs)
    this.#passedOver.delete(due.sourceId)
    if (tick.jobId === null) return
    await this.#options.queue.addTick(due.sourceId, due.nextAt, isLong).catch((error: unknown) => this.#say(error))
  }

  async #conclude({ source, due, tick }: Dealt): Promise<void> {
    if (!tick.run) return
    await this.#options.service.concludePoll(source, due, tick.run).catch((error: unknown) => this.#say(error))
  }
}

/** A listing of it has not been read to its end yet. */
function isUnread({ listings }: Source, due: DueSource): boolean {
  return listings.some(({ url }) => due.listings.get(url)?.isComplete !== true)
}

function tickOf(
  { sourceId, nextAt: dueAt }: DueSource,
  { nextAt, isJob = false, run = null }: { nextAt: Date; isJob?: boolean; run?: SettledTick['run'] },
): SettledTick {
  return { sourceId, dueAt, nextAt, jobId: isJob ? tickJobId(sourceId, dueAt) : null, run }
}
