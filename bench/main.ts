// Runs one measurement: npm run bench -- <name>. Each prints ratios against a neighbour measured in the same run.
import { ConfigurationError, describeError } from '../src/model/errors.ts'
import { nearestName } from '../src/model/nearest-name.ts'
import { loadModule } from './load-module.ts'

/** Modules of this folder that export `run()`. */
const names = ['article', 'dedup', 'dedup-archive', 'feed-read', 'search', 'serve', 'write']

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  for (const name of asked) {
    if (names.includes(name)) continue
    const nearest = nearestName(name, names)
    const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
    throw new ConfigurationError(
      'bench.unknown',
      `There is no benchmark "${name}"${hint}. There are ${names.join(', ')}.`,
    )
  }
  if (asked.length === 0) throw new ConfigurationError('bench.none', `Name one or more of ${names.join(', ')}.`)
  for (const name of asked) await (await loadModule(name)).call('run')
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = error instanceof ConfigurationError ? 2 : 1
}
