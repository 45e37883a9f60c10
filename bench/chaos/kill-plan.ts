import { createHash } from 'node:crypto'

/** What is hit: killed by -9, but for the last seven, which go or change and come back. */
export type Target =
  | 'process'
  | 'worker'
  | 'server'
  | 'postgres'
  | 'both'
  | 'redis'
  | 'postgres-away'
  | 'postgres-away-long'
  | 'emptied'
  | 'frozen'
  | 'frozen-long'
  | 'disk'
  | 'clock'
/** What Newsfold is doing when it is hit: nothing left to chance alone, since an idle second is far longer than a crawl. */
export type Moment = 'start-up' | 'crawl' | 'idle'

export interface Kill {
  readonly target: Target
  readonly moment: Moment
  /** Milliseconds into that moment; of a crawl, milliseconds after its share. */
  readonly delayMs: number
  /** Share of a crawl's missing articles that are there when it is hit. */
  readonly share: number
  /** 0 to 1: which of two workers, how long something is away, where a clock moves to. */
  readonly chance: number
}

/** How long each moment lasts about, so that kills fall everywhere in it. */
const lengthMs: Readonly<Record<Moment, number>> = { 'start-up': 1500, crawl: 150, idle: 2000 }

/** Numbers that look random and depend on the seed alone. */
export class Random {
  readonly #seed: number
  #drawn = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    const digest = createHash('sha256')
      .update(`${this.#seed} ${this.#drawn++}`)
      .digest()
    return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * limit)
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.below(2 ** 31) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ value }) => value)
  }
}

/** Kills in which every target is hit at every moment, again and again, in random order. */
export function planKills(
  count: number,
  { targets, moments }: { readonly targets: readonly Target[]; readonly moments: readonly Moment[] },
  random: Random,
): Kill[] {
  const kills: Kill[] = []
  while (kills.length < count) {
    const deck = targets.flatMap((target) => moments.map((moment) => ({ target, moment })))
    for (const { target, moment } of random.shuffled(deck)) {
      kills.push({
        target,
        moment,
        delayMs: random.below(lengthMs[moment]),
        share: random.below(100) / 100,
        chance: random.below(100) / 100,
      })
    }
  }
  return kills.slice(0, count)
}
