// How good the readers are, on pages that others labelled, against floors that may only rise.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { formatTable } from '../src/cli/table.ts'
import { ConfigurationError, describeError } from '../src/model/errors.ts'
import { nearestName } from '../src/model/nearest-name.ts'
import { figureSchema, formatValue, holds, type Figure } from './eval/figure.ts'
import { loadRun } from './eval/load-run.ts'

/** Modules of this folder, each with a function that takes the folder of the corpora and returns figures. */
const evaluations = {
  article: 'evaluateArticles',
  listing: 'evaluateListings',
  time: 'evaluateTimes',
  dedup: 'evaluateDedup',
} as const
type Name = keyof typeof evaluations

const names: readonly Name[] = ['article', 'listing', 'time', 'dedup']

function chosen(asked: readonly string[]): readonly Name[] {
  for (const name of asked) {
    if (names.some((known) => known === name)) continue
    const nearest = nearestName(name, [...names])
    const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
    throw new ConfigurationError(
      'eval.unknown',
      `There is no evaluation "${name}"${hint}. There are ${names.join(', ')}.`,
    )
  }
  return asked.length === 0 ? names : names.filter((name) => asked.includes(name))
}

async function evaluate(name: Name, sharedFolder: string): Promise<Figure[]> {
  const run = await loadRun(`eval-${name}`, evaluations[name])
  return z
    .array(figureSchema)
    .min(1)
    .parse(await run(sharedFolder))
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { shared: { type: 'string' } } })
  const asked = chosen(positionals)
  const folder = values.shared ?? fileURLToPath(new URL('../../shared', import.meta.url))
  if (!existsSync(folder)) {
    process.stdout.write(`skipped: there is no folder ${folder} with labelled pages; name one with --shared\n`)
    return 0
  }
  const rows: (readonly [string, Figure])[] = []
  for (const name of asked) rows.push(...(await evaluate(name, folder)).map((figure) => [name, figure] as const))
  const columns = ['', 'of', 'figure', 'value', 'floor', 'unit'].map((name) => ({
    name,
    isNumber: name === 'value' || name === 'floor',
  }))
  const cells = rows.map(([name, figure]) => [
    figure.floor === null ? '' : holds(figure) ? '✓' : '✗',
    name,
    figure.name,
    formatValue(figure.value),
    figure.floor === null ? '–' : formatValue(figure.floor),
    figure.unit,
  ])
  process.stdout.write(`${formatTable(columns, cells)}\n`)
  return rows.every(([, figure]) => holds(figure)) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = error instanceof ConfigurationError ? 2 : 1
}
