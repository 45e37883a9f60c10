// How good the readers are, on pages that others labelled, against floors that may only rise.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { formatTable } from '../src/cli/table.ts'
import { ConfigurationError, describeError } from '../src/model/errors.ts'
import { nearestName } from '../src/model/nearest-name.ts'
import { figuresOf, formatValue, holds, type Figure } from './eval/figure.ts'
import { loadModule } from './load-module.ts'

interface Evaluation {
  /** The module `eval-<name>` exports both. */
  readonly run: string
  readonly floors: string
  /** What it is given, inside the folder of labelled pages. */
  readonly folder: string
  readonly unit: string
  /** Names of figures of which less is better. */
  readonly ceilings: RegExp
}

const none = /^$/
const evaluations: ReadonlyMap<string, Evaluation> = new Map([
  [
    'article',
    {
      run: 'evaluateArticles',
      floors: 'articleFloors',
      folder: 'corpora',
      unit: '%',
      ceilings: / (wrong|bad|spread)$/,
    },
  ],
  ['listing', { run: 'evaluateListings', floors: 'listingFloors', folder: '.', unit: '', ceilings: none }],
  ['time', { run: 'evaluateTimes', floors: 'timeFloors', folder: '.', unit: '', ceilings: none }],
  ['dedup', { run: 'evaluateDedup', floors: 'dedupFloors', folder: '.', unit: '', ceilings: /^merged/ }],
])

function check(asked: readonly string[]): void {
  const names = [...evaluations.keys()]
  for (const name of asked) {
    if (evaluations.has(name)) continue
    const nearest = nearestName(name, names)
    const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
    throw new ConfigurationError(
      'eval.unknown',
      `There is no evaluation "${name}"${hint}. There are ${names.join(', ')}.`,
    )
  }
}

async function evaluate(name: string, { run, floors, folder, unit, ceilings }: Evaluation, shared: string) {
  const module = await loadModule(`eval-${name}`)
  const result = z.looseObject({}).parse(await module.call(run, join(shared, folder)))
  return figuresOf(result, module.exports[floors], { unit, isCeiling: (figure) => ceilings.test(figure) })
}

function print(rows: readonly (readonly [string, Figure])[]): void {
  const columns = ['', 'of', 'figure', 'value', 'floor', 'unit'].map((name) => ({
    name,
    isNumber: name === 'value' || name === 'floor',
  }))
  const cells = rows.map(([name, figure]) => [
    figure.floor === null ? '' : holds(figure) ? '✓' : '✗',
    name,
    figure.name,
    formatValue(figure.value),
    figure.floor === null ? '–' : `${figure.isCeiling ? '≤' : '≥'} ${formatValue(figure.floor)}`,
    figure.unit,
  ])
  process.stdout.write(`\n${formatTable(columns, cells)}\n`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { shared: { type: 'string' } } })
  check(positionals)
  const shared = values.shared ?? fileURLToPath(new URL('../../shared', import.meta.url))
  if (!existsSync(shared)) {
    process.stdout.write(`skipped: there is no folder ${shared} with labelled pages; name one with --shared\n`)
    return 0
  }
  const rows: (readonly [string, Figure])[] = []
  for (const [name, evaluation] of evaluations) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    rows.push(...(await evaluate(name, evaluation, shared)).map((figure) => [name, figure] as const))
  }
  print(rows)
  return rows.every(([, figure]) => holds(figure)) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = error instanceof ConfigurationError ? 2 : 1
}
