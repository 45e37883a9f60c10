import { ConfigurationError } from '../src/model/errors.ts'
import { readNumbers } from './measure-options.ts'
import { measurePages } from './scale/pages.ts'
import { measurePolls } from './scale/polls.ts'

const whole = { sources: 10_000, every: 600, minutes: 12, runs: 16, pages: 1200 }
/** As many polls a second, in two minutes. */
const short = { ...whole, sources: 2000, every: 120, minutes: 2 }

const parts = ['polls', 'pages'] as const

/**
 * Polls of many sources, then new articles through the whole pipeline.
 * @param args `--short`, `polls` or `pages` for one part alone, and numbers: see `whole`
 */
export async function run(...args: readonly string[]): Promise<void> {
  const isShort = args.includes('--short')
  const asked = parts.filter((part) => args.includes(part))
  const rest = args.filter((arg) => arg !== '--short' && !asked.some((part) => part === arg))
  const plan = readNumbers(rest, isShort ? short : whole)
  if (plan.minutes * 60 < plan.every) {
    throw new ConfigurationError(
      'bench.options',
      'Each source is to be asked once at least: raise --minutes, or lower --every.',
    )
  }
  if (asked.length === 0 || asked.includes('polls')) await measurePolls(plan)
  if (asked.length === 0 || asked.includes('pages')) await measurePages(plan.pages)
}
