import { parseArgs } from 'node:util'
import { ConfigurationError } from '../../src/model/errors.ts'
import { mixedScene, scenes, type Scene } from './scene.ts'

export interface ChaosOptions {
  /** Decides what is hit and when; the same seed gives the same plan. */
  readonly seed: number
  readonly scenes: readonly Scene[]
  readonly json: boolean
}

const defaultKills = 20

function readNumber(name: string, text: string | undefined, absent: number): number {
  const value = text === undefined ? absent : Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new ConfigurationError('chaos.options', `--${name}: expected a whole number above 0, got "${text}"`)
}

const help = `npm run chaos -- [flags]

Without flags, or with a seed alone: the whole campaign, half an hour and more: every scene below, with as many hits as it
names.

--short          20 kills of Newsfold and its PostgreSQL, mixed: some minutes
--kills N        as many
--apart          of these: two "newsfold work" and a "newsfold serve" instead of "newsfold start"
--redis          of these: the queue on a Redis of its own, which is killed as well
--seed S         repeats a plan
--json           figures for programs

${Object.entries(scenes)
  .map(([name, { says, hits }]) => `--${`${name} N`.padEnd(21)}  ${says} (${hits})`)
  .join('\n')}
`

/**
 * Reads the command line.
 * @returns a text when only the flags are to be shown
 * @throws {ConfigurationError} a number is none
 */
export function readOptions(args: readonly string[]): ChaosOptions | string {
  const flags = ['short', 'apart', 'redis', 'json', 'help'] as const
  const texts = ['kills', 'seed', ...Object.keys(scenes)]
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(texts.map((name) => [name, { type: 'string' as const }])),
      ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }])),
    },
  })
  const given = new Map(Object.entries(values))
  const has = (name: (typeof flags)[number]): boolean => given.get(name) === true
  if (has('help')) return help
  const textOf = (name: string): string | undefined => {
    const value = given.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const seed = readNumber('seed', textOf('seed'), 1 + Math.floor(Math.random() * 1e9))
  const isMixed = has('short') || has('apart') || has('redis') || textOf('kills') !== undefined
  const isWhole = !isMixed && Object.keys(scenes).every((name) => textOf(name) === undefined)
  const asked = Object.entries(scenes).flatMap(([name, { hits, of }]): Scene[] =>
    isWhole || textOf(name) !== undefined ? [of(readNumber(name, textOf(name), hits))] : [],
  )
  const kills = readNumber('kills', textOf('kills'), defaultKills)
  const mixed = isMixed ? [mixedScene(kills, { apart: has('apart'), redis: has('redis') })] : []
  return { seed, scenes: [...mixed, ...asked], json: has('json') }
}
