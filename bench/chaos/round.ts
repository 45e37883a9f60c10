import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import type { Newsroom } from '../../src/newsroom/newsroom.ts'
import { ArchiveView, type ArchiveContents } from './archive-view.ts'
import { ArchiveWatch } from './archive-watch.ts'
import { compare, isComplete, type Baseline } from './baseline.ts'
import { FeedWatch } from './feed-watch.ts'
import type { Figures } from './figures.ts'
import { Fleet } from './fleet.ts'
import type { Kill } from './kill-plan.ts'
import { askNewsfold, type NewsfoldSetUp } from './newsfold.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

/** After its database went, Newsfold must have it back by then. */
const databaseLimitMs = 15_000
/** Two ticks of the schedule, a stalled job's return among them, and a crawl. */
const crawlLimitMs = 40_000
/** A page that failed for reasons of its own waits for minutes: later than this, something hangs. */
const completeLimitMs = 60_000

/** One data folder from its first start until everything is in it, whatever is killed meanwhile. */
export class Round {
  readonly newsroom: Newsroom
  readonly #stage: Stage
  readonly #figures: Figures
  readonly #setUp: NewsfoldSetUp
  readonly #view: ArchiveView
  readonly #watch: ArchiveWatch
  readonly #watchView: ArchiveView
  readonly #feed: FeedWatch
  readonly #fleet: Fleet
  #isCorrected = false
  /** Since when work that a kill cut off could have gone on. */
  #resumable: number | null = null
  kills = 0

  private constructor(stage: Stage, figures: Figures, newsroom: Newsroom, isApart: boolean) {
    const dataFolder = stage.newDataFolder()
    const { configFolder, port } = stage
    this.newsroom = newsroom
    this.#stage = stage
    this.#figures = figures
    this.#setUp = { dataFolder, configFolder, port, redisUrl: stage.redis?.url ?? null }
    this.#view = new ArchiveView(dataFolder)
    this.#watchView = new ArchiveView(dataFolder)
    this.#watch = new ArchiveWatch(this.#watchView)
    this.#feed = new FeedWatch(`http://127.0.0.1:${port}/feeds/all.rss`, figures)
    this.#fleet = new Fleet(this.#setUp, this.#feed, figures, isApart)
  }

  static async open(stage: Stage, figures: Figures, isApart: boolean): Promise<Round> {
    figures.rounds++
    return new Round(stage, figures, await stage.openNewsroom(), isApart)
  }

  correct(): void {
    this.#isCorrected = true
    this.newsroom.correct()
  }

  async start(): Promise<void> {
    await this.#fleet.start()
    await this.#fleet.serving()
  }

  read(): Promise<ArchiveContents | null> {
    return this.#view.read()
  }

  async isComplete(baseline: Baseline): Promise<boolean> {
    const archive = await this.read()
    return archive !== null && isComplete(archive, baseline, this.#isCorrected)
  }

  /** Brings Newsfold to the kill's moment and kills. @returns what is worth a line */
  async kill(kill: Kill, baseline: Baseline): Promise<string> {
    await this.#reach(kill, baseline)
    const resumedMs = this.#noteResumed()
    const isAtWork = !(await this.isComplete(baseline))
    const at = performance.now()
    const articles = this.#watch.articlesAt(at)
    await this.#hit(kill)
    this.kills++
    this.#figures.kills.push(kill)
    const isDatabaseBack = kill.target === 'postgres' && kill.moment !== 'start-up'
    const backAt = isDatabaseBack ? await this.#databaseBack(at) : null
    // Newsfold starts again with the next kill or the end of the round, at once after this.
    this.#resumable = isAtWork ? (backAt ?? performance.now()) : null
    const notes = [
      `${articles} articles`,
      ...(resumedMs === null ? [] : [`went on after ${Math.round(resumedMs)} ms`]),
      ...(backAt === null ? [] : [`database back after ${Math.round(backAt - at)} ms`]),
    ]
    return notes.join(', ')
  }

  async #reach({ moment, delayMs, share, target }: Kill, baseline: Baseline): Promise<void> {
    if (moment === 'start-up') {
      await this.#fleet.restart()
      if (target === 'postgres' || target === 'both')
        await until(() => this.#postmaster() !== null, { withinMs: 10_000 })
      await sleep(delayMs)
      return
    }
    await this.start()
    if (moment === 'idle') {
      const isIdle = await until(() => this.isComplete(baseline), { withinMs: completeLimitMs, everyMs: 200 })
      if (!isIdle) this.#figures.fail('lateReturns', `articles were missing after ${completeLimitMs / 1000} s of peace`)
    } else {
      const isCrawling = await this.#crawled(share, baseline)
      if (!isCrawling) this.#figures.fail('lateReturns', `no crawl came that far within ${crawlLimitMs / 1000} s`)
    }
    await sleep(delayMs)
  }

  /** Waits until this share of the missing articles is there; where only a correction is missing, for any request. */
  async #crawled(share: number, baseline: Baseline): Promise<boolean> {
    const requests = this.#requests()
    const articles = (await this.#view.countArticles()) ?? 0
    const missing = baseline.texts.size - articles
    const hasShare = async () => ((await this.#view.countArticles()) ?? 0) >= articles + share * missing
    const isUnderWay = async () => this.#requests() > requests && (missing === 0 || (await hasShare()))
    return until(isUnderWay, { withinMs: crawlLimitMs })
  }

  #requests(): number {
    return Object.values(this.newsroom.requests())
      .flatMap((site) => Object.values(site))
      .reduce((sum, count) => sum + count, 0)
  }

  #postmaster(): number | null {
    const file = readPostmasterFile(join(this.#setUp.dataFolder, 'postgres', 'data'))
    return file && isAlive(file.pid) ? file.pid : null
  }

  async #hit({ target, delayMs }: Kill): Promise<void> {
    const postmaster = target === 'postgres' || target === 'both' ? this.#postmaster() : null
    if (target === 'postgres' || target === 'redis') this.#fleet.disturb()
    if (postmaster !== null) process.kill(postmaster, 'SIGKILL')
    if (target === 'process' || target === 'both') await this.#fleet.kill('all')
    if (target === 'worker' || target === 'server') await this.#fleet.kill(target)
    if (target === 'redis') {
      await this.#stage.redis?.kill()
      await sleep(delayMs)
      await this.#stage.redis?.start()
    }
  }

  async #databaseBack(at: number): Promise<number | null> {
    const isBack = await until(() => this.#watch.backSince(at) !== null, { withinMs: databaseLimitMs })
    const backAt = this.#watch.backSince(at)
    if (isBack && backAt !== null) this.#figures.databaseBackMs.push(backAt - at)
    else this.#figures.fail('lateReturns', `PostgreSQL was not back ${databaseLimitMs / 1000} s after its kill`)
    return backAt
  }

  /** @returns how long the work cut off by the last kill took to go on; `null`: there was none, or it did not yet */
  #noteResumed(): number | null {
    const grownAt = this.#resumable === null ? null : this.#watch.grownSince(this.#resumable)
    const resumedMs = this.#resumable === null || grownAt === null ? null : grownAt - this.#resumable
    if (resumedMs !== null) this.#figures.resumedMs.push(resumedMs)
    this.#resumable = null
    return resumedMs
  }

  /** Lets Newsfold finish in peace and holds the archive, the feed and the queue against the baseline. */
  async finish(baseline: Baseline): Promise<void> {
    await this.start()
    if (!this.#isCorrected) this.correct()
    await until(() => this.isComplete(baseline), { withinMs: completeLimitMs, everyMs: 200 })
    this.#noteResumed()
    const archive = await this.read()
    if (archive) {
      for (const [fault, what] of compare(archive, baseline)) this.#figures.fail(fault, what)
      const isShown = () => this.#feed.items === archive.stories
      if (!(await until(isShown, { withinMs: 5000 }))) {
        this.#figures.fail('lost', `the feed has ${this.#feed.items} items of ${archive.stories} stories`)
      }
    } else this.#figures.fail('lost', 'the archive cannot be read')
    const failed = z.array(z.unknown()).parse(JSON.parse(await askNewsfold(['queue', 'failed', '--json'], this.#setUp)))
    for (const job of failed) this.#figures.fail('givenUpJobs', JSON.stringify(job))
  }

  /** Stops everything as a user would, and checks that nothing is left behind. */
  async stop(): Promise<void> {
    await this.#stopWatching()
    await this.#fleet.stop()
    if (this.#postmaster() !== null) this.#figures.fail('badStops', 'PostgreSQL still runs after the stop')
    await this.close()
  }

  async #stopWatching(): Promise<void> {
    await Promise.all([this.#watch.stop(), this.#feed.stop()])
    await Promise.all([this.#view.close(), this.#watchView.close()])
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await this.#stopWatching()
    await this.#fleet.kill('all')
    await this.newsroom.stop()
    await this.#stage.dropDataFolder(this.#setUp.dataFolder)
  }
}
