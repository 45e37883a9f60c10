// Writes what documents and editors take from the code. `--check` changes nothing and fails when something is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { settingsTable } from '../src/runtime/settings-table.ts'
import { metricsTable } from '../src/runtime/metrics-table.ts'
import { sourceJsonSchema, sourceKeysTable } from '../src/runtime/source-json-schema.ts'

const parts = [
  { file: 'README.md', name: 'settings', text: settingsTable() },
  { file: 'docs/sources.md', name: 'source-keys', text: sourceKeysTable() },
  { file: 'docs/operations.md', name: 'metrics', text: metricsTable() },
]
const files = [{ file: 'config/source.schema.json', text: `${JSON.stringify(sourceJsonSchema(), null, 2)}\n` }]
const isCheck = process.argv.includes('--check')

/** The formatter sets spaces, line ends and the dashes of tables; what they hold is what counts. */
const contentOf = (text: string) => text.replaceAll(/\s+/g, '').replaceAll(/-{3,}/g, '---')

function put(file: string, what: string, before: string, after: string): void {
  if (contentOf(after) === contentOf(before)) return
  if (isCheck) {
    process.stderr.write(`${file}: ${what} is stale; run "npm run docs"\n`)
    process.exitCode = 1
  } else writeFileSync(file, after)
}

for (const { file, name, text } of parts) {
  const before = readFileSync(file, 'utf8')
  const pattern = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[^]*?(<!-- /${name} -->)`)
  const after = before.replace(pattern, (_, open: string, close: string) => `${open}\n${text}\n\n${close}`)
  put(file, `the table "${name}"`, before, after)
}
for (const { file, text } of files) put(file, 'it', existsSync(file) ? readFileSync(file, 'utf8') : '', text)
