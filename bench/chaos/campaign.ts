import { baselineOf, type Baseline } from './baseline.ts'
import type { Figures } from './figures.ts'
import { planKills, Random, type Kill, type Target } from './kill-plan.ts'
import type { ChaosOptions } from './options.ts'
import { Round } from './round.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

/** An undisturbed crawl of three sources takes two seconds, its reading of the correction one tick of the schedule. */
const peaceLimitMs = 40_000
/** Each round starts with an empty data folder: more kills than this would mostly hit a complete archive. */
const killsPerRound = 8

function targetsOf({ apart, redis }: ChaosOptions): Target[] {
  return [
    ...(apart ? (['worker', 'server'] as const) : (['process'] as const)),
    'postgres',
    'both',
    ...(redis ? (['redis'] as const) : []),
  ]
}

/** Kills Newsfold and its stores again and again, each round on a new data folder, and checks what is left. */
export class Campaign {
  readonly #stage: Stage
  readonly #options: ChaosOptions
  readonly #figures: Figures
  readonly #say: (line: string) => void
  #round: Round | null = null
  /** Announcements of the newsroom. */
  announced = 0

  constructor(stage: Stage, options: ChaosOptions, figures: Figures, say: (line: string) => void) {
    this.#stage = stage
    this.#options = options
    this.#figures = figures
    this.#say = say
  }

  async run(): Promise<void> {
    const baseline = await this.#crawlInPeace()
    this.#say(`      an undisturbed crawl finds ${baseline.texts.size} of ${this.announced} announcements`)
    const { neverFound } = baseline
    if (neverFound.length > 0) {
      this.#figures.fail('neverFound', `${neverFound.length} announcements, such as ${neverFound[0]}`)
    }
    const random = new Random(this.#options.seed)
    const plan = planKills(this.#options.kills, targetsOf(this.#options), random)
    let correctAfter = 0
    for (const [index, kill] of plan.entries()) {
      if (this.#round && (await this.#isWornOut(this.#round, kill, baseline))) await this.#finish(this.#round, baseline)
      if (!this.#round) {
        correctAfter = 1 + random.below(3)
        this.#round = await Round.open(this.#stage, this.#figures, this.#options.apart)
      }
      const what = await this.#round.kill(kill, baseline)
      this.#say(`${String(index + 1).padStart(4)}  ${kill.target.padEnd(8)} ${`at ${kill.moment}`.padEnd(11)} ${what}`)
      if (this.#round.kills === correctAfter) this.#round.correct()
    }
    if (this.#round) await this.#finish(this.#round, baseline)
  }

  /** Whether there is no more work in the round that the kill could put at risk. */
  async #isWornOut(round: Round, kill: Kill, baseline: Baseline): Promise<boolean> {
    if (round.kills >= killsPerRound) return true
    return kill.moment !== 'idle' && (await round.isComplete(baseline))
  }

  async #finish(round: Round, baseline: Baseline): Promise<void> {
    await round.finish(baseline)
    await round.stop()
    this.#round = null
    this.#say(`      round ${this.#figures.rounds} checked`)
  }

  async #crawlInPeace(): Promise<Baseline> {
    const round = await Round.open(this.#stage, this.#figures, this.#options.apart)
    this.#round = round
    const { newsroom } = round
    this.announced = newsroom.expected().length
    await round.start()
    const isCrawled = async () => (await round.read())?.crawled.length === newsroom.sites.length
    if (!(await until(isCrawled, { withinMs: peaceLimitMs }))) throw new Error('The undisturbed crawl came to no end')
    const before = await round.read()
    round.correct()
    const hasRevision = async () => (await round.read())?.articles.some(({ revision }) => revision > 1) === true
    if (!(await until(hasRevision, { withinMs: peaceLimitMs }))) throw new Error('The correction was never read')
    const after = await round.read()
    if (!before || !after) throw new Error('The database went away although nobody killed it')
    await round.stop()
    this.#round = null
    return baselineOf(newsroom, before, after)
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await this.#round?.close()
    await this.#stage.close()
  }
}
