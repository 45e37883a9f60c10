import { setTimeout as sleep } from 'node:timers/promises'
import { endScheduledJob, repeatScheduledJob } from '../archive/source-schedules.ts'
import type { Source } from '../model/source.ts'
import type { JobQueue, JobResult } from '../queue/job-queue.ts'
import { giveWay } from '../queue/give-way.ts'
import { pollSources } from '../queue/poll-sources.ts'
import { fateOf, recentPauses } from '../queue/tick-gate.ts'
import { freeBytesOf } from '../runtime/disk-space.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { guardDisk } from './disk-guard.ts'
import { measuring } from './measure.ts'
import type { ProgramOptions } from './program-run.ts'
import { openCrawling, type OpenArchive } from './services.ts'

/**
 * A run ends the pages in flight within 5 s; later than this the process goes without waiting for it. The queue's client
 * waits longer where its store was away a moment ago.
 */
const workStopsWithinMs = 6000

/** A source of a file that another process has seen first is looked for, until the file is old enough to be read. */
async function findSource(sources: SourceFolder, id: string): Promise<Source | null> {
  for (let tries = 0; tries < 3 && !sources.find(id); tries++) {
    if (tries > 0) await sleep(250)
    await sources.look().catch(() => null)
  }
  return sources.find(id)
}

/** Starts to poll and to crawl. @returns how to stop */
export async function startWork(
  options: ProgramOptions,
  archive: OpenArchive,
  queue: JobQueue,
  metrics: Metrics,
): Promise<() => Promise<void>> {
  const { sources } = options
  const crawling = await openCrawling(
    options.settings,
    archive.database,
    options.log,
    measuring(options.watcher, metrics),
  )
  const pauses = recentPauses(archive.database)
  const worker = queue.work(async ({ sourceId }, tick) => {
    const source = await findSource(sources, sourceId)
    // Taken out of the configuration, or held, after the job was made; or quiet hours have begun.
    const fate = tick.isScheduled && source ? fateOf(source, await pauses(), new Date()) : { kind: 'crawl' as const }
    if (fate.kind === 'quiet') await repeatScheduledJob(archive.database, sourceId, tick.jobId, fate.until)
    const isWanted = source?.enabled === true && fate.kind === 'crawl'
    const result: JobResult = isWanted ? await crawling.service.processJob(source, tick) : { kind: 'done' }
    if (result.kind === 'done' && tick.isScheduled) await endScheduledJob(archive.database, sourceId, tick.jobId)
    return result
  }, options.settings.NEWSFOLD_RUNS)
  const poller = pollSources({
    database: archive.database,
    leases: crawling.leases,
    queue,
    service: crawling.service,
    findSource: (id) => findSource(sources, id),
    pauses,
    onTick: (lateMs) => metrics.lateness.observe(Math.max(0, lateMs) / 1000),
    log: options.log,
  })
  const stopGivingWay = giveWay({
    service: crawling.service,
    queue,
    places: options.settings.NEWSFOLD_RUNS,
    log: options.log,
  })
  const both = [poller, worker]
  const held = {
    pause: () => both.forEach((each) => each.pause()),
    resume: () => both.forEach((each) => each.resume()),
  }
  const unguard = archive.embedded
    ? guardDisk({ worker: held, freeBytes: () => freeBytesOf(options.settings.NEWSFOLD_DATA), log: options.log })
    : null
  return async () => {
    unguard?.()
    stopGivingWay()
    crawling.service.abort()
    const stopped = Promise.all(both.map((each) => each.stop()))
    const isLate = sleep(workStopsWithinMs, 'late', { ref: false })
    const ended = await Promise.race([stopped, isLate])
    await crawling.close()
    if (ended === 'late')
      throw new Error(`expected running work to be handed back within ${workStopsWithinMs / 1000} s`)
  }
}
