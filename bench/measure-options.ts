import { parseArgs } from 'node:util'
import { ConfigurationError } from '../src/model/errors.ts'

/**
 * Reads `--name number` for every name that has a default.
 * @throws {ConfigurationError} an unknown name, or a value that is no number above 0
 */
export function readNumbers<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const names = Object.keys(defaults)
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]))
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    const known = names.map((name) => `--${name}`).join(', ')
    throw new ConfigurationError(
      'bench.options',
      `${error instanceof Error ? error.message : String(error)}. There are ${known}.`,
    )
  }
  const numbers: Record<Name, number> = { ...defaults }
  for (const name in defaults) {
    const given = values[name]
    if (given === undefined) continue
    const number = Number(given)
    if (!(number > 0)) {
      throw new ConfigurationError('bench.options', `--${name}: expected a number above 0, got "${given}"`)
    }
    numbers[name] = number
  }
  return numbers
}
