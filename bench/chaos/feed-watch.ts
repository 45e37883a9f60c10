import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkFeed } from './feed-check.ts'
import type { Figures } from './figures.ts'

const everyMs = 100
/** A reader waits no longer. */
const timeoutMs = 10_000

interface Answer {
  readonly status: number
  readonly body: string
}

/** One request on a connection of its own, so that no dead connection of a killed server is taken for its heir's. */
export function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    request.on('error', reject)
  })
}

/**
 * A reader that asks for the feed all the time. It minds each answer that is not the whole valid feed while the server
 * is meant to be up, an item that is gone, an item that is there twice, and an address under another guid than before.
 */
export class FeedWatch {
  readonly #url: string
  readonly #figures: Figures
  readonly #guids = new Map<string, string>()
  /** Counts the server's lives: an answer that a kill cut off is nobody's fault. */
  #life = 0
  #isUp = false
  #items = 0
  /** When the feed had how many items for the first time, by `performance.now()`. */
  readonly #grown: { readonly at: number; readonly items: number }[] = []
  #lastBody = ''
  #isOver = false
  #loop: Promise<void>

  constructor(url: string, figures: Figures) {
    this.#url = url
    this.#figures = figures
    this.#loop = this.#run()
  }

  /** The server answers from now on, whatever is away. */
  up(): void {
    this.#life++
    this.#isUp = true
  }

  /** The server is about to be killed or stopped. */
  down(): void {
    this.#life++
    this.#isUp = false
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      if (this.#isUp) await this.#look()
      await sleep(everyMs)
    }
  }

  async #look(): Promise<void> {
    const life = this.#life
    const began = performance.now()
    const answer = await ask(this.#url).catch((error: unknown) => String(error))
    if (life !== this.#life) return
    const isFine = typeof answer !== 'string' && answer.status === 200
    this.#figures.feedRequest(performance.now() - began)
    if (!isFine) {
      this.#figures.fail('unanswered', typeof answer === 'string' ? answer : `the feed answered ${answer.status}`)
      return
    }
    if (answer.body === this.#lastBody) return
    this.#lastBody = answer.body
    await this.#check(answer.body)
  }

  async #check(body: string): Promise<void> {
    const figures = this.#figures
    const check = await checkFeed(body)
    if (check.kind === 'invalid') return figures.fail('invalidFeeds', check.why)
    const { items } = check.feed
    if (items.length < this.#items)
      figures.fail('shorterFeeds', `${items.length} items after ${this.#items} of the same archive`)
    if (items.length > this.#items) this.#grown.push({ at: performance.now(), items: items.length })
    this.#items = Math.max(this.#items, items.length)
    for (const part of ['guid', 'link'] as const) {
      const twice = items.map((item) => item[part]).filter((value, index, all) => all.indexOf(value) !== index)
      for (const value of twice) figures.fail('doubled', `${part} ${value} is in the feed twice`)
    }
    for (const { guid, link } of items) {
      const before = this.#guids.get(link)
      if (before !== undefined && before !== guid) figures.fail('wrongGuids', `${link}: ${guid} was ${before}`)
      this.#guids.set(link, guid)
    }
  }

  /** When it had more items than these for the first time; `null`: not yet. */
  grownBeyond(items: number): number | null {
    return this.#grown.find((each) => each.items > items)?.at ?? null
  }

  /** Items of the last feed that was read. */
  get items(): number {
    return this.#items
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#loop
  }
}
