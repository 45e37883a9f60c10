import type { BaseHttpClient } from '@crawlee/basic'

/** For Crawlee, so that nothing inside it can fetch past the guard, the caps and robots.txt of our own client. */
export const refusingHttpClient: BaseHttpClient = {
  sendRequest: () => Promise.reject(new Error('Fetch through CrawlPorts.http: Crawlee has no client of its own here.')),
  stream: () => Promise.reject(new Error('Fetch through CrawlPorts.http: Crawlee has no client of its own here.')),
}
