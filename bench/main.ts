// Runs measurements: npm run bench -- <name…> [--option value…]. Each prints ratios against a neighbour measured in the same run.
import { ConfigurationError, describeError } from '../src/model/errors.ts'
import { nearestName } from '../src/model/nearest-name.ts'
import { loadModule } from './load-module.ts'

/** Modules of this folder that export `run()`. */
const names = ['article', 'dedup', 'dedup-archive', 'feed-read', 'push', 'scale', 'search', 'serve', 'soak', 'write']
const takingOptions: ReadonlySet<string> = new Set(['scale', 'search', 'serve', 'soak'])

interface Asked {
  readonly name: string
  /** For the measurement itself: what follows its name and is no other one's. */
  readonly options: string[]
}

function readAsked(args: readonly string[]): readonly Asked[] {
  const asked: Asked[] = []
  for (const arg of args) {
    const last = asked.at(-1)
    if (names.includes(arg)) asked.push({ name: arg, options: [] })
    else if (last && takingOptions.has(last.name)) last.options.push(arg)
    else {
      const nearest = nearestName(arg, names)
      const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
      throw new ConfigurationError(
        'bench.unknown',
        `There is no benchmark "${arg}"${hint}. There are ${names.join(', ')}.`,
      )
    }
  }
  return asked
}

async function main(): Promise<void> {
  const asked = readAsked(process.argv.slice(2))
  if (asked.length === 0) throw new ConfigurationError('bench.none', `Name one or more of ${names.join(', ')}.`)
  for (const { name, options } of asked) await (await loadModule(name)).call('run', ...options)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = error instanceof ConfigurationError ? 2 : 1
}
