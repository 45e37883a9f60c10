import { parseArgs } from 'node:util'
import { ConfigurationError } from '../../src/model/errors.ts'

export interface ChaosOptions {
  readonly kills: number
  /** Decides what is killed and when; the same seed gives the same plan. */
  readonly seed: number
  /** Puts the queue on a Redis of its own, which is killed too. */
  readonly redis: boolean
  /** Runs `newsfold work` and `newsfold serve` as processes of their own instead of `newsfold start`. */
  readonly apart: boolean
  readonly json: boolean
}

const defaultKills = 20

function readNumber(name: string, text: string | undefined, absent: number): number {
  const value = text === undefined ? absent : Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new ConfigurationError('chaos.options', `--${name}: expected a whole number above 0, got "${text}"`)
}

/**
 * Reads the command line.
 * @throws {ConfigurationError} a number is none
 */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string' },
      seed: { type: 'string' },
      redis: { type: 'boolean', default: false },
      apart: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { redis, apart, json } = values
  const seed = readNumber('seed', values.seed, 1 + Math.floor(Math.random() * 1e9))
  return { kills: readNumber('kills', values.kills, defaultKills), seed, redis, apart, json }
}
