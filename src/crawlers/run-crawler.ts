import {
  BasicCrawler,
  Configuration,
  EventManager,
  Log,
  LogLevel,
  type BaseHttpClient,
  type BasicCrawlerOptions,
} from '@crawlee/basic'
import { totalmem } from 'node:os'
import type { TaskQueue } from './task-queue.ts'

/** Beyond any wait of ours (a slot, a fetch, a reader), so that Crawlee never runs one page twice. */
const handlerTimeoutSecs = 6 * 3600

/** So that nothing inside Crawlee can fetch past the guard, the caps and robots.txt of our own client. */
const refusingHttpClient: BaseHttpClient = {
  sendRequest: () => Promise.reject(new Error('Fetch through CrawlPorts.http: Crawlee has no client of its own here.')),
  stream: () => Promise.reject(new Error('Fetch through CrawlPorts.http: Crawlee has no client of its own here.')),
}

/**
 * Crawlee asks the system for the load and the memory of all processes at the start of each run, which starts a `ps`
 * and takes tens of milliseconds; nothing here heeds them.
 */
class NoEvents extends EventManager {
  override init(): Promise<void> {
    return Promise.resolve()
  }

  override close(): Promise<void> {
    return Promise.resolve()
  }
}

const memoryMbytes = Math.round(totalmem() / 2 ** 20)

/** Crawlee's crawler for one run: it hands out tasks, as many at once as allowed, and again when they ask for it. */
export class RunCrawler extends BasicCrawler {
  constructor(
    queue: TaskQueue,
    options: Pick<BasicCrawlerOptions, 'maxRequestRetries' | 'minConcurrency' | 'maxConcurrency' | 'requestHandler'>,
  ) {
    super(
      {
        ...options,
        log: new Log({ level: LogLevel.OFF }),
        httpClient: refusingHttpClient,
        useSessionPool: false,
        requestHandlerTimeoutSecs: handlerTimeoutSecs,
        statisticsOptions: { saveErrorSnapshots: false, persistenceOptions: { enable: false } },
      },
      new Configuration({ persistStorage: false, memoryMbytes, eventManager: new NoEvents() }),
    )
    // Its option for this is refused by its own validation (3.18).
    this.requestManager = queue
  }
}
