import { fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'

const arrivalSchema = z.strictObject({
  source: z.int(),
  /** Milliseconds since 1970. */
  at: z.number(),
  status: z.int(),
})
/** One request for a listing. */
export type Arrival = Readonly<z.output<typeof arrivalSchema>>

const reportSchema = z.strictObject({
  arrivals: z.array(arrivalSchema),
  robots: z.int(),
  /** Requests for articles. */
  pages: z.int(),
  /** Milliseconds since 1970. */
  firstPageAt: z.number().nullable(),
  others: z.int(),
})
/** What the publishers were asked for since the last report. */
export type SiteReport = Readonly<z.output<typeof reportSchema>>

export interface SiteProcess {
  /** `host:port` of each publisher. */
  readonly hosts: readonly string[]
  report(): Promise<SiteReport>
  close(): void
}

/**
 * Starts publishers in a process of their own.
 * @param articles that each of their listings names at first
 * @param newEveryMs how soon each has another one; 0: never
 */
export async function startSite(hosts: number, articles: number, newEveryMs = 0): Promise<SiteProcess> {
  const child = fork(new URL('./site.ts', import.meta.url))
  const ask = async (task: object): Promise<unknown> => {
    child.send(task)
    const answered: unknown[] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`The publishers' process ended. Each of ${hosts} hosts takes a file: is "ulimit -n" enough?`)
      }),
    ])
    return answered[0]
  }
  const opened = z
    .strictObject({ hosts: z.array(z.string()) })
    .parse(await ask({ ask: 'open', hosts, articles, newEveryMs }))
  return {
    hosts: opened.hosts,
    report: async () => reportSchema.parse(await ask({ ask: 'report' })),
    close: () => child.disconnect(),
  }
}
