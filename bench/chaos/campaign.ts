import { baselineOf, type Baseline } from './baseline.ts'
import type { Figures } from './figures.ts'
import { planKills, Random, type Kill } from './kill-plan.ts'
import { Round } from './round.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

/** An undisturbed crawl of three sources takes two seconds, and a minute on a machine that has no time for it. */
const peaceLimitMs = 120_000
/** Each round starts with an empty data folder: more kills than this would mostly hit a complete archive. */
const killsPerRound = 8

/** Hits Newsfold and its stores again and again, each round on a new data folder, and checks what is left. */
export class Campaign {
  readonly #stage: Stage
  readonly #seed: number
  readonly #say: (line: string) => void
  #round: Round | null = null
  /** One undisturbed crawl tells what to expect of all: the publishers' addresses stay the same. */
  #baseline: Baseline | null = null
  /** Announcements of the newsroom. */
  announced = 0

  constructor(stage: Stage, seed: number, say: (line: string) => void) {
    this.#stage = stage
    this.#seed = seed
    this.#say = say
  }

  /** Plays one scene, unless this machine lacks what it needs. */
  async play(figures: Figures): Promise<void> {
    const { scene } = figures
    figures.leftOut = await this.#stage.prepare(scene.setUp)
    if (figures.leftOut !== null) return this.#say(`      left out: ${figures.leftOut}`)
    const baseline = (this.#baseline ??= await this.#crawlInPeace(figures))
    const random = new Random(this.#seed)
    let correctAfter = 0
    for (const [index, kill] of planKills(scene.hits, scene, random).entries()) {
      const worn = this.#round && (await this.#isWornOut(this.#round, kill, baseline)) ? this.#round : null
      if (worn) await this.#finish(worn, baseline, figures)
      if (!this.#round) {
        correctAfter = 1 + random.below(3)
        this.#round = await Round.open(this.#stage, figures)
      }
      const what = await this.#round.kill(kill, baseline)
      this.#say(`${String(index + 1).padStart(4)}  ${kill.target.padEnd(8)} ${`at ${kill.moment}`.padEnd(11)} ${what}`)
      if (this.#round.kills === correctAfter) this.#round.correct()
    }
    if (this.#round) await this.#finish(this.#round, baseline, figures)
  }

  /** Whether there is no more work in the round that the kill could put at risk. */
  async #isWornOut(round: Round, kill: Kill, baseline: Baseline): Promise<boolean> {
    if (round.kills >= killsPerRound) return true
    return kill.moment !== 'idle' && (await round.isComplete(baseline))
  }

  async #finish(round: Round, baseline: Baseline, figures: Figures): Promise<void> {
    await round.finish(baseline)
    await round.stop()
    this.#round = null
    this.#say(`      round ${figures.rounds} checked`)
  }

  async #crawlInPeace(figures: Figures): Promise<Baseline> {
    const round = await Round.open(this.#stage, figures)
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
    const baseline = baselineOf(newsroom, before, after)
    this.#say(`      an undisturbed crawl finds ${baseline.texts.size} of ${this.announced} announcements`)
    const { neverFound } = baseline
    if (neverFound.length > 0)
      figures.fail('neverFound', `${neverFound.length} announcements, such as ${neverFound[0]}`)
    return baseline
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await this.#round?.close()
    await this.#stage.close()
  }
}
