import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { SiteId } from '../../src/newsroom/announcement.ts'
import type { Newsroom } from '../../src/newsroom/newsroom.ts'
import type { SeenRequest } from '../../src/newsroom/site-server.ts'
import { ArchiveView, embeddedUrl, type ArchiveContents } from './archive-view.ts'
import { ArchiveWatch } from './archive-watch.ts'
import { Clocks } from './clock.ts'
import { compare, isComplete, type Baseline } from './baseline.ts'
import { FeedWatch } from './feed-watch.ts'
import type { Figures, Interruption } from './figures.ts'
import { Fleet } from './fleet.ts'
import { hit, postmasterOf } from './hit.ts'
import type { Kill } from './kill-plan.ts'
import { askNewsfold, feedPath, type NewsfoldSetUp } from './newsfold.ts'
import { findOverlaps } from './overlaps.ts'
import type { SetUp } from './scene.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

/** After its database went, Newsfold must have it back by then. */
const databaseLimitMs = 15_000
/** Two ticks of the schedule, a stalled job's return among them, and a crawl. */
const crawlLimitMs = 40_000
/** Deliveries are tried again after 5 s, and one whose job died with its worker after half a minute. */
const deliveredLimitMs = 45_000
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
  readonly #isApart: boolean
  readonly #requested: ReadonlyMap<SiteId, SeenRequest[]>
  #isCorrected = false
  /** Since when work that a hit cut off could have gone on, and after what. */
  #resumable: { readonly at: number; readonly stories: number; readonly after: Interruption } | null = null
  kills = 0

  private constructor(
    { stage, figures }: { stage: Stage; figures: Figures },
    { apart, redis, smallDisk }: SetUp,
    newsroom: Newsroom,
    databaseUrl: string | null,
    requested: ReadonlyMap<SiteId, SeenRequest[]>,
  ) {
    const dataFolder = stage.newDataFolder(smallDisk)
    const { configFolder, port } = stage
    this.newsroom = newsroom
    this.#stage = stage
    this.#figures = figures
    this.#isApart = apart
    this.#requested = requested
    const redisUrl = redis ? (stage.redis?.url ?? null) : null
    const receiver = `127.0.0.1:${stage.receiverPort}`
    this.#setUp = { dataFolder, configFolder, port, redisUrl, databaseUrl, receiver, clocks: new Clocks(dataFolder) }
    const url = () => databaseUrl ?? embeddedUrl(dataFolder)
    this.#view = new ArchiveView(url)
    this.#watchView = new ArchiveView(url)
    this.#watch = new ArchiveWatch(this.#watchView)
    this.#feed = new FeedWatch(`http://127.0.0.1:${port}${feedPath}`, figures)
    this.#fleet = new Fleet(this.#setUp, this.#feed, figures, apart)
  }

  static async open(stage: Stage, figures: Figures): Promise<Round> {
    figures.rounds++
    const { setUp } = figures.scene
    const requested = new Map<SiteId, SeenRequest[]>()
    const newsroom = await stage.openNewsroom(setUp.everySeconds, (siteId, request) => {
      const seen = requested.get(siteId) ?? []
      requested.set(siteId, seen)
      seen.push(request)
    })
    const databaseUrl = setUp.database === 'own' ? ((await stage.postgres?.newDatabase()) ?? null) : null
    return new Round({ stage, figures }, setUp, newsroom, databaseUrl, requested)
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

  /** Brings Newsfold to the kill's moment and hits. @returns what is worth a line */
  async kill(kill: Kill, baseline: Baseline): Promise<string> {
    await this.#reach(kill, baseline)
    const resumedMs = this.#noteResumed()
    const isAtWork = !(await this.isComplete(baseline))
    const at = performance.now()
    const articles = this.#watch.articlesAt(at)
    const said = await hit(kill, {
      stage: this.#stage,
      fleet: this.#fleet,
      setUp: this.#setUp,
      figures: this.#figures,
      isApart: this.#isApart,
    })
    this.kills++
    this.#figures.kills.push(kill)
    const isDatabaseBack = kill.target.startsWith('postgres') && kill.moment !== 'start-up'
    const backAt = isDatabaseBack ? await this.#databaseBack(at) : null
    // Newsfold starts again with the next kill or the end of the round, at once after this.
    const isEmptied = kill.target === 'emptied'
    const isKilled = ['process', 'worker', 'server', 'both'].includes(kill.target)
    const after = isEmptied ? 'emptying' : isKilled ? 'kill' : 'return'
    const stories = this.#watch.storiesAt(at)
    this.#resumable = isAtWork ? { at: isEmptied ? at : (backAt ?? performance.now()), stories, after } : null
    const notes = [
      `${articles} articles`,
      ...(said === '' ? [] : [said]),
      ...(resumedMs === null ? [] : [`went on after ${Math.round(resumedMs)} ms`]),
      ...(backAt === null ? [] : [`database back after ${Math.round(backAt - at)} ms`]),
    ]
    return notes.join(', ')
  }

  async #reach({ moment, delayMs, share, target }: Kill, baseline: Baseline): Promise<void> {
    if (moment === 'start-up') {
      await this.#fleet.restart()
      if (target === 'postgres' || target === 'both')
        await until(() => postmasterOf(this.#setUp.dataFolder) !== null, { withinMs: 10_000 })
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

  async #databaseBack(at: number): Promise<number | null> {
    const isBack = await until(() => this.#watch.backSince(at) !== null, { withinMs: databaseLimitMs })
    const backAt = this.#watch.backSince(at)
    if (isBack && backAt !== null) this.#figures.databaseBackMs.push(backAt - at)
    else this.#figures.fail('lateReturns', `PostgreSQL was not back ${databaseLimitMs / 1000} s after its kill`)
    return backAt
  }

  /** @returns how long the work cut off by the last hit took to go on; `null`: there was none, or it did not yet */
  #noteResumed(): number | null {
    const since = this.#resumable
    this.#resumable = null
    const grownAt = since === null ? null : this.#feed.grownBeyond(since.stories)
    if (since === null || grownAt === null) return null
    const tookMs = Math.max(0, grownAt - since.at)
    this.#figures.resumed(tookMs, since.after, this.#watch.crowded(since.at, grownAt))
    return tookMs
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
      await this.#checkDeliveries(archive)
    } else this.#figures.fail('lost', 'the archive cannot be read')
    const failed = z.array(z.unknown()).parse(JSON.parse(await askNewsfold(['queue', 'failed', '--json'], this.#setUp)))
    for (const job of failed) this.#figures.fail('givenUpJobs', JSON.stringify(job))
    for (const { id, listingUrl } of this.newsroom.sites) {
      const overlaps = findOverlaps(this.#requested.get(id) ?? [], new URL(listingUrl).pathname)
      for (const what of overlaps) this.#figures.fail('overlaps', what)
    }
  }

  /** Every story was told to the webhook as new, and none as two. */
  async #checkDeliveries({ articles }: ArchiveContents): Promise<void> {
    const { receiver } = this.#stage
    if (!receiver) return
    const items = [...new Set(articles.map(({ storyId }) => `urn:uuid:${storyId}`))]
    const missing = () => items.filter((item) => receiver.newsOf(item) === 0)
    await until(() => missing().length === 0, { withinMs: deliveredLimitMs, everyMs: 200 })
    for (const item of missing())
      this.#figures.fail(
        'undelivered',
        `${item} was never sent to the webhook as new: ${receiver.historyOf(item) || 'not at all'}`,
      )
    for (const item of items.filter((each) => receiver.newsOf(each) > 1))
      this.#figures.fail(
        'doubled',
        `${item} was sent to the webhook by several deliveries: ${receiver.historyOf(item)}`,
      )
    this.#figures.deliveries += receiver.count
  }

  /** Stops everything as a user would, and checks that nothing is left behind. */
  async stop(): Promise<void> {
    await this.#stopWatching()
    await this.#fleet.stop()
    if (postmasterOf(this.#setUp.dataFolder) !== null)
      this.#figures.fail('badStops', 'PostgreSQL still runs after the stop')
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
