import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Piscina } from 'piscina'
import { UnreadableError, UnreachableError } from '../model/errors.ts'
import type { PageReader } from './page-reader.ts'
import type { ReadOrder, ReadResult, ReadTask } from './read-worker.ts'

export interface ReaderPoolOptions {
  /** Default 1: reading takes some milliseconds a page, and the other core is the database's. */
  readonly maxThreads?: number
  /** What one page may take. Default 5 s. */
  readonly deadlineMs?: number
  /** What a thread may take before it is taken down instead of the process. Default 640. */
  readonly maxMemoryMb?: number
}

export interface ReaderPool extends PageReader {
  /** The same readers, with what a source's code takes over; `null`: nothing. */
  withCode(code: string | null): PageReader

  /** Ends the threads; pages under way fail. */
  close(): Promise<void>
}

const defaultDeadlineMs = 5000
/** A thread that has not begun by then never will; loading the readers takes a second or two on a busy machine. */
const startDeadlineMs = 60_000
/** A timer that comes so late was slept through: the thread was stopped with the whole process, and no page is to blame. */
const noticedSleepMs = 2000
/** Threads wait this long for the next page of a run, then end. */
const idleTimeoutMs = 30_000
/** 10 MB of HTML take up to 400 MB as a tree. */
const defaultMaxMemoryMb = 640
/**
 * While its heap is small, V8 sees whole pages survive its collections, takes parts of them for lasting, and puts them
 * with what lasts. From there they keep each page in memory until a full collection: a third of the time of reading.
 */
const pagesDoNotLast = '--no-allocation-site-pretenuring'

/**
 * Page readers in threads of their own, so that the event loop stays free: started with the first page, ended when
 * idle. A page that takes too long or takes its thread down gives one error, and the next page a new thread.
 * @throws {UnreadableError} `reader.timeout`, `reader.crashed`, and what the readers throw
 */
export function createReaderPool(options: ReaderPoolOptions = {}): ReaderPool {
  const pool = new ThreadPool(options)
  return { ...readersOf(pool, null), withCode: (code) => readersOf(pool, code), close: () => pool.close() }
}

function readersOf(pool: ThreadPool, code: string | null): PageReader {
  return {
    async readArticle(page, rules) {
      const result = await pool.run({ job: 'article', page, rules, code })
      if (result.kind === 'article') return result.article
      throw toError(result, page.url)
    },
    async readListing(page, kind, rules, json) {
      const result = await pool.run({ job: 'listing', page, kind, rules, json, code })
      if (result.kind === 'listing') return result.reading
      throw toError(result, page.url)
    },
    async readLinks(page) {
      const result = await pool.run({ job: 'links', page })
      if (result.kind === 'links') return result.links
      throw toError(result, page.url)
    },
  }
}

function toError(result: ReadResult, url: string): Error {
  if (result.kind !== 'failed') return new Error(`The reading thread answered ${url} with ${result.kind}.`)
  const { code, message, retry } = result
  return retry === 'later' ? new UnreachableError(code, message) : new UnreadableError(code, message)
}

function msSince(at: bigint): number {
  return Number(process.hrtime.bigint() - at) / 1_000_000
}

class ThreadPool {
  readonly #deadlineMs: number
  readonly #threads: Piscina<ReadOrder, ReadResult>
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(options: ReaderPoolOptions) {
    this.#deadlineMs = options.deadlineMs ?? defaultDeadlineMs
    this.#free = options.maxThreads ?? 1
    setFlagsFromString(pagesDoNotLast)
    const isSource = import.meta.url.endsWith('.ts')
    this.#threads = new Piscina<ReadOrder, ReadResult>({
      filename: fileURLToPath(new URL(isSource ? './read-worker.ts' : './read-worker.js', import.meta.url)),
      name: 'read',
      minThreads: 0,
      maxThreads: this.#free,
      idleTimeout: idleTimeoutMs,
      resourceLimits: { maxOldGenerationSizeMb: options.maxMemoryMb ?? defaultMaxMemoryMb, stackSizeMb: 4 },
      // A thread that sleeps in Atomics.wait cannot be asked to end, only be killed.
      atomics: 'disabled',
      ...(isSource && { execArgv: ['--import', tsxUrl()] }),
    })
    // A thread that dies between two pages is replaced with the next one.
    this.#threads.on('error', () => undefined)
  }

  /** Pages wait here, not in Piscina: with no least number of threads it leaves its queue to a thread that was killed. */
  async run(task: ReadTask): Promise<ReadResult> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await this.#runNow(task)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  async #runNow(task: ReadTask): Promise<ReadResult> {
    const begunAt = new BigInt64Array(new SharedArrayBuffer(8))
    const abort = new AbortController()
    const deadline = this.#watch(begunAt, () => abort.abort())
    try {
      return await this.#threads.run({ task, begunAt }, { signal: abort.signal })
    } catch (error) {
      throw abort.signal.aborted ? this.#timedOut(task) : crashed(task, error)
    } finally {
      deadline.stop()
    }
  }

  /** Calls `giveUp` when a thread takes too long to begin, or from then on. */
  #watch(begunAt: BigInt64Array<SharedArrayBuffer>, giveUp: () => void): { stop(): void } {
    let awakeSince = process.hrtime.bigint()
    let dueAt = performance.now() + this.#deadlineMs
    const look = (): void => {
      if (performance.now() - dueAt > noticedSleepMs) awakeSince = process.hrtime.bigint()
      const begun = Atomics.load(begunAt, 0)
      const spentMs = msSince(begun > awakeSince ? begun : awakeSince)
      const leftMs = Math.ceil((begun === 0n ? startDeadlineMs : this.#deadlineMs) - spentMs)
      if (leftMs <= 0) return giveUp()
      const nextMs = Math.min(leftMs, this.#deadlineMs)
      dueAt = performance.now() + nextMs
      timer = setTimeout(look, nextMs)
    }
    let timer = setTimeout(look, this.#deadlineMs)
    return { stop: () => clearTimeout(timer) }
  }

  async close(): Promise<void> {
    await this.#threads.destroy()
  }

  #timedOut({ page }: ReadTask): UnreadableError {
    return new UnreadableError(
      'reader.timeout',
      `Cannot read ${page.url}: expected it to be read within ${this.#deadlineMs / 1000} s, gave up. ` +
        'It is nested or repeated beyond reason; leave it out, or report it with its address.',
    )
  }
}

function crashed({ page }: ReadTask, error: unknown): UnreadableError {
  const reason = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error)
  return new UnreadableError(
    'reader.crashed',
    `Cannot read ${page.url} (${page.body.length} bytes): its reader failed with ${reason}. ` +
      'Leave the page out, or report it with its address.',
    error,
  )
}

/** From the sources, threads need the loader that the process itself was started with. */
function tsxUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}
